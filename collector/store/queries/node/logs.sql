-- Log records of a node and of the foreign spans below it, oldest first; evaluations and exceptions are shown as such.
SELECT
    l.trace_id,
    l.span_id,
    coalesce(nullif(l.time_ns, 0), l.observed_ns) AS at_ns,
    l.severity_number,
    l.severity_text,
    l.event_name,
    bounded_value(l.body, $room::BIGINT) AS body,
    bounded_attributes(l.attributes, $room::BIGINT) AS attributes,
    l.service,
    count(*) OVER () AS found
FROM logs AS l SEMI JOIN spans_of_node($id) USING (trace_id, span_id)
WHERE l.event_name NOT IN ('gen_ai.evaluation.result', 'exception')
    AND NOT list_has_any(keys_of(l.attributes), ['exception.type', 'exception.message'])
ORDER BY at_ns, l.record_id
LIMIT $most
