-- What happened in buckets of time: `$points` of a range, and before them as many of the range before it. Rows without a
-- bucket are of a range as a whole. A run of ours that failed counts when it did, one of others
-- when it began: these are the table `found_tops`.
WITH happened AS (
    SELECT
        start_ns, node_kind,
        node_kind = 'run' AND operation IS NULL AS is_run,
        node_kind = 'run' AND coalesce(outcome = 'failed', false) AS is_failed_run,
        coalesce(outcome IN ('retry', 'failed', 'dead_letter'), false) AS is_error,
        has_worked(outcome) AS has_worked,
        lasted(start_ns, end_ns) / 1e6 AS ms
    FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND node_kind <> 'span'
    UNION ALL
    SELECT start_ns, 'other', true, is_failed, false, true, lasted(start_ns, end_ns) / 1e6
    FROM tops_of('found_tops', $first_ns, $end_ns)
),
placed AS (
    SELECT
        (start_ns - $first_ns) // $bucket_ns AS bucket,
        (start_ns - $first_ns) // $bucket_ns >= $points AS is_latest,
        node_kind IN ('step', 'delivery') AND has_worked AS is_attempt,
        *
    FROM happened
)
SELECT
    bucket,
    is_latest,
    count(*) FILTER (WHERE is_run) AS runs,
    count(*) FILTER (WHERE is_failed_run) AS runs_failed,
    count(*) FILTER (WHERE node_kind = 'event') AS events,
    count(*) FILTER (WHERE node_kind = 'delivery') AS deliveries,
    count(*) FILTER (WHERE is_attempt) AS attempts,
    count(*) FILTER (WHERE is_attempt AND is_error) AS errors,
    count(*) FILTER (WHERE node_kind = 'dead_letter') AS dead_letters,
    quantile_cont(ms, 0.95) FILTER (WHERE is_attempt AND ms IS NOT NULL) AS p95_ms,
    quantile_cont(ms, 0.95) FILTER (WHERE node_kind = 'other' AND ms IS NOT NULL) AS runs_p95_ms
FROM placed
GROUP BY GROUPING SETS ((bucket, is_latest), (is_latest))
ORDER BY bucket NULLS FIRST
