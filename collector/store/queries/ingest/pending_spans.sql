-- The spans of which a beginning is stored, and no end.
SELECT CAST(trace_id AS BLOB) AS trace_id, span_id FROM pending
