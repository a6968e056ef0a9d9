SELECT
    (SELECT count(*) FROM spans) AS spans,
    (SELECT count(*) FROM logs) AS logs,
    (SELECT count(*) FROM metric_points) AS points,
    (SELECT min(start_ns) FROM spans WHERE NOT is_early(start_ns)) AS oldest_ns
