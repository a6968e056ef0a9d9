SELECT CAST(trace_id AS BLOB) AS trace_id, span_id FROM spans
UNION ALL
SELECT CAST(trace_id AS BLOB), span_id FROM pending
