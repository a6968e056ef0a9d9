-- A node's own records.
FROM node_records_within($since_us, $until_us) WHERE node_id = $id
ORDER BY start_ns, trace_id, span_id
