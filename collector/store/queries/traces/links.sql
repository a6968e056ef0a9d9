SELECT span_id, linked_trace_id, linked_span_id, bounded_attributes(attributes, $room::BIGINT) AS attributes
FROM span_links
WHERE trace_id = $id AND linked_trace_id IS NOT NULL AND linked_span_id IS NOT NULL
ORDER BY span_id, position
