-- A node's own records.
FROM node_records WHERE (running OR stored_us BETWEEN $since_us AND $until_us) AND node_id = $id
ORDER BY start_ns, trace_id, span_id
