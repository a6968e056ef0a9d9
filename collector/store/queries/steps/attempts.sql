-- Attempts of one step, by bucket of time, with the bounds of a histogram of their durations.
SELECT
    (attempt.start_ns - $origin_ns) // $bucket_ns AS bucket,
    count(*) AS attempts,
    count(*) FILTER (WHERE attempt.has_failed) AS errors,
    quantile_cont(attempt.took_ns / 1e6, [0.5, 0.95]) AS quantiles,
    coalesce(
        list(attempt.took_ns / 1e6 ORDER BY attempt.took_ns) FILTER (WHERE attempt.took_ns IS NOT NULL), []
    ) AS durations
FROM (SELECT unnest(tries) AS attempt FROM step_nodes)
GROUP BY bucket
ORDER BY bucket
