-- What settled a dead letter.
FROM node_records_within($since_us, $until_us) WHERE dead_letter_id = $id
ORDER BY start_ns, trace_id, span_id
