SELECT hash(trace_id, span_id) AS span_key FROM spans
UNION ALL
SELECT hash(trace_id, span_id) FROM pending
