DELETE FROM span_links WHERE trace_id IN (SELECT CAST(trace_id AS UUID) FROM doomed)
