FROM node_records WHERE node_id IN (SELECT unnest($ids)) ORDER BY start_ns, trace_id, span_id
