-- When every so many-th record was written, the latest first: where to cut time into stretches that hold equally many.
SELECT log_time(time_ns, observed_ns) AS start_ns
FROM logs
WHERE rowid % $every::BIGINT = 0 AND start_ns < $end_ns
ORDER BY start_ns DESC
