-- The spans that log records which are stored just now judge.
SELECT DISTINCT trace_id, span_id FROM incoming_logs
WHERE span_id IS NOT NULL AND tells_evaluation(event_name, attributes)
