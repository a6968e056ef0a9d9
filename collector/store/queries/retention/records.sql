SELECT
    (SELECT count(*) FROM spans) AS spans,
    (SELECT count(*) FROM logs) AS logs,
    (SELECT count(*) FROM metric_points) AS points,
    (SELECT start_ns FROM spans WHERE NOT is_early(start_ns) ORDER BY start_ns LIMIT 1) AS oldest_ns
