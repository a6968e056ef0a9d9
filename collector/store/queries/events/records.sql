-- Every delivery of an event, as records that nodes are built from.
FROM node_records_within($since_us, $until_us)
WHERE node_kind = 'delivery' AND event_id = $id
ORDER BY start_ns, trace_id, span_id
