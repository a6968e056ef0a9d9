-- The trace and span of a node of others.
SELECT trace_id, span_id FROM spans WHERE node_id = $id AND node_kind = 'span' AND stored_us BETWEEN $since_us AND $until_us LIMIT 1
