SELECT
    (SELECT count(*) FROM runs WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS runs,
    (SELECT count(*) FROM runs WHERE start_ns >= $first_ns AND start_ns < $end_ns AND outcome = 'failed') AS runs_failed,
    (SELECT count(*) FROM events WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS events,
    count(DISTINCT node_id) FILTER (WHERE node_kind = 'delivery') AS deliveries,
    count(*) FILTER (WHERE node_kind IN ('step', 'delivery')) AS attempts,
    count(*) FILTER (WHERE outcome IN ('retry', 'failed', 'dead_letter') AND node_kind IN ('step', 'delivery')) AS errors
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
