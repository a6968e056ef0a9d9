SELECT
    (start_ns - $first_ns) // $bucket_ns AS bucket,
    count(*) FILTER (WHERE node_kind = 'run' AND operation IS NULL) AS runs,
    count(*) FILTER (WHERE node_kind = 'event') AS events,
    count(*) FILTER (WHERE node_kind = 'delivery') AS deliveries,
    count(*) FILTER (WHERE outcome IN ('retry', 'failed', 'dead_letter') AND node_kind IN ('step', 'delivery')) AS errors,
    count(*) FILTER (WHERE node_kind = 'dead_letter') AS dead_letters
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
GROUP BY bucket
ORDER BY bucket
