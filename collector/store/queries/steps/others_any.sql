-- When what may be steps of agents of others began in a range of time, the first and the last.
SELECT min(start_ns) AS first_ns, max(start_ns) AS last_ns
FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns AND may_be_container(role, operation, work)
