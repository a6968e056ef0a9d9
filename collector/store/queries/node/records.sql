-- What tells of one node: its own records, what settled it, and where it was received.
FROM node_records
WHERE node_id = $id OR dead_letter_id = $id OR (event_id = $id AND node_kind = 'delivery')
ORDER BY start_ns, trace_id, span_id
