-- How far a slice reaches that begins somewhere and holds about so many records: to the end of a minute.
WITH minutes AS (
    SELECT at_ns // 60_000_000_000 AS minute, count(*) AS records
    FROM (
        SELECT dated(start_ns, stored_us) AS at_ns FROM spans
        UNION ALL
        SELECT start_ns FROM pending
        UNION ALL
        SELECT log_time(time_ns, observed_ns) FROM logs
        UNION ALL
        SELECT time_ns FROM metric_points WHERE $with_points
    )
    WHERE at_ns >= $from_ns AND at_ns < $until_ns
    GROUP BY minute
),
running AS (
    SELECT minute, sum(records) OVER (ORDER BY minute) AS total FROM minutes
)
SELECT
    least($until_ns, coalesce(min((minute + 1) * 60_000_000_000) FILTER (WHERE total >= $most), $until_ns)) AS until_ns,
    count(*) AS minutes
FROM running
