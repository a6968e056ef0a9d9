-- The ids that each span has and names, in the order in which they lie.
SELECT
    stored_us, span_id, CAST(trace_id AS BLOB) AS trace_id, CAST(node_id AS BLOB) AS node_id,
    CAST(event_id AS BLOB) AS event_id, CAST(causation_id AS BLOB) AS causation_id, CAST(run_id AS BLOB) AS run_id,
    CAST(dead_letter_id AS BLOB) AS dead_letter_id, CAST(causes AS BLOB[]) AS causes
FROM spans
