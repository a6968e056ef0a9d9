SELECT span_id, time_ns, name, bounded_attributes(attributes, $room::BIGINT) AS attributes
FROM happenings
WHERE trace_id = $id AND name <> ''
ORDER BY span_id, time_ns, position
