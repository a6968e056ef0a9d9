-- Whether anything that may be a step of agents of others began in a range of time.
SELECT EXISTS (
    FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns AND role IN ('agent', 'workflow', 'step')
) AS has_any
