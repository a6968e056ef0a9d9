-- How many runs of ours began in a range of time, and which of them any life ended badly: none, where these are more than
-- `$most`. All that names them was stored within `$named_since_us` and `$named_until_us`.
WITH begun AS (
    SELECT node_id, coalesce(bool_or(outcome = 'failed'), false) AS has_failed
    FROM spans
    WHERE node_kind = 'run' AND stored_us BETWEEN $named_since_us AND $named_until_us
        AND node_id IN (
            SELECT node_id FROM spans WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns
        )
    GROUP BY node_id
    HAVING min(start_ns) >= $first_ns AND min(start_ns) < $end_ns
)
SELECT
    count(*) AS runs,
    count(*) FILTER (WHERE has_failed) AS ended_badly,
    CASE WHEN ended_badly <= $most THEN coalesce(list(node_id) FILTER (WHERE has_failed), []) ELSE [] END AS ids
FROM begun
