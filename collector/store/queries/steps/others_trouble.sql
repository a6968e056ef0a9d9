-- Whether some step of agents of others failed in a range of time, or anything of theirs was judged in it: all
-- that was stored of the traces of what was judged was stored within `$since_us` and `$until_us`.
SELECT
    EXISTS (
        FROM spans
        WHERE start_ns >= $first_ns AND start_ns < $end_ns AND role IN ('agent', 'workflow', 'step')
            AND has_failed(node_kind, status_code, outcome)
    ) OR EXISTS (
        FROM evaluations_where(
            time_ns >= $first_ns AND time_ns < $end_ns,
            role IN ('agent', 'workflow', 'step') AND stored_us BETWEEN $since_us AND $until_us
        )
    ) AS has_trouble
