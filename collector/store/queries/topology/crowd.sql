-- How many spans began in each part of a time range, the newest first.
SELECT (start_ns - $first_ns) // $bucket_ns AS bucket, count(*) AS spans
FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns
GROUP BY bucket ORDER BY bucket DESC
