-- Every delivery of an event, as records that nodes are built from.
FROM node_records
WHERE node_kind = 'delivery' AND event_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
ORDER BY start_ns, trace_id, span_id
