-- Spans of which exceptions came as log records.
SELECT CAST(trace_id AS BLOB) AS trace_id, span_id FROM logs
WHERE is_exception AND trace_id IS NOT NULL AND span_id IS NOT NULL
