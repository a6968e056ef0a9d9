-- One row an attempt, with what is kept of its end and of the process that made it.
SELECT
    s.trace_id, s.span_id, s.attempt, s.round, s.outcome, s.start_ns, s.end_ns, s.running, s.error_type,
    cut(s.status_message, $room::BIGINT) AS status_message, s.keys_read, s.keys_written, s.context_size, s.operator,
    cut(s.input, $room::BIGINT) AS input, cut(s.result, $room::BIGINT) AS result,
    bounded_attributes(s.attributes, $room::BIGINT) AS attributes, r.attributes AS resource
FROM records_within($since_us, $until_us) AS s
LEFT JOIN resources AS r USING (resource_id)
WHERE s.node_id = $id
ORDER BY coalesce(s.round, 0), coalesce(s.attempt, 0), s.running, s.start_ns, s.span_id
