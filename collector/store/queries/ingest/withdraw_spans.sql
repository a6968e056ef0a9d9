DELETE FROM spans
WHERE (trace_id, span_id) IN (SELECT (trace_id, span_id) FROM contested WHERE place > 1 AND origin = 0)
