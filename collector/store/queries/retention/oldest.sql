SELECT (SELECT start_ns FROM spans WHERE NOT is_early(start_ns) ORDER BY start_ns LIMIT 1) AS oldest_ns
