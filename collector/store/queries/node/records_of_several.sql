FROM node_records
WHERE node_id IN (SELECT unnest($ids)) AND (running OR stored_us BETWEEN $since_us AND $until_us)
ORDER BY start_ns, trace_id, span_id
