-- Attempts of one step, by bucket of time, with the bounds of a histogram of their durations.
SELECT
    (s.start_ns - $origin_ns) // $bucket_ns AS bucket,
    count(*) AS attempts,
    count(*) FILTER (WHERE s.outcome IN ('retry', 'failed', 'dead_letter')) AS errors,
    quantile_cont(lasted(s.start_ns, s.end_ns) / 1e6, [0.5, 0.95]) AS quantiles,
    coalesce(
        list(lasted(s.start_ns, s.end_ns) / 1e6 ORDER BY s.end_ns - s.start_ns)
            FILTER (WHERE s.end_ns >= s.start_ns),
        []
    ) AS durations
FROM spans AS s JOIN step_nodes AS n USING (node_id)
WHERE s.start_ns >= $first_ns
GROUP BY bucket
ORDER BY bucket
