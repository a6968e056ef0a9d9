SELECT min(start_ns) AS oldest_ns FROM spans WHERE NOT is_early(start_ns)
