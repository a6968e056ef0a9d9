INSERT INTO span_links BY NAME
SELECT
    staged.trace_id,
    staged.span_id,
    l.* EXCLUDE (row) REPLACE (nullif(l.linked_trace_id, '00000000-0000-0000-0000-000000000000'::UUID) AS linked_trace_id)
FROM incoming_links AS l JOIN staged ON staged.row = l.row
WHERE NOT staged.is_pending
