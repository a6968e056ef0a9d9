-- The trace and span of a node of others.
SELECT trace_id, span_id FROM spans WHERE node_id = $id AND node_kind = 'span' LIMIT 1
