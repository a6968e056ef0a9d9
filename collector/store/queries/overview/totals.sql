WITH candidates AS (
    SELECT DISTINCT node_id FROM spans
    WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns
),
begun AS MATERIALIZED (
    SELECT outcome FROM runs_where(node_id IN (SELECT node_id FROM candidates))
    WHERE start_ns >= $first_ns AND start_ns < $end_ns
),
others AS MATERIALIZED (FROM tops_between($first_ns, $end_ns))
SELECT
    (SELECT count(*) FROM begun) AS runs,
    (SELECT count(*) FROM begun WHERE outcome = 'failed') AS runs_failed,
    (SELECT count(*) FROM others) AS runs_of_others,
    (SELECT count(*) FROM others WHERE is_failed) AS failed_of_others,
    (SELECT count(*) FROM events WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS events,
    count(DISTINCT node_id) FILTER (WHERE node_kind = 'delivery') AS deliveries,
    count(*) FILTER (WHERE node_kind IN ('step', 'delivery')) AS attempts,
    count(*) FILTER (WHERE outcome IN ('retry', 'failed', 'dead_letter') AND node_kind IN ('step', 'delivery')) AS errors
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
