INSERT INTO span_events BY NAME
SELECT staged.trace_id, staged.span_id, e.* EXCLUDE (row)
FROM incoming_events AS e JOIN staged ON staged.row = e.row
WHERE NOT staged.is_pending
