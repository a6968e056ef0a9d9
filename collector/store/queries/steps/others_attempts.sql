-- Attempts at one step of agents of others, by bucket of time, as `steps/attempts.sql` has ours; they are the table `tried`.
SELECT
    (start_ns - $origin_ns) // $bucket_ns AS bucket,
    count(*) AS attempts,
    count(*) FILTER (WHERE outcome = 'failed') AS errors,
    quantile_cont(took_ns / 1e6, [0.5, 0.95]) AS quantiles,
    coalesce(list(took_ns / 1e6 ORDER BY took_ns) FILTER (WHERE took_ns IS NOT NULL), []) AS durations
FROM tried
GROUP BY bucket
ORDER BY bucket
