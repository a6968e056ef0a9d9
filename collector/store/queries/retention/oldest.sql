SELECT min(start_ns) AS oldest_ns FROM spans
