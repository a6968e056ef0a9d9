-- Log records of a node and of the foreign spans below it, oldest first; evaluations, and exceptions of attempts, are shown
-- as such. Spans of others have no attempts: what they were left by is told here.
SELECT
    l.trace_id,
    l.span_id,
    coalesce(nullif(l.time_ns, 0), l.observed_ns) AS at_ns,
    l.severity_number,
    l.severity_text,
    l.event_name,
    bounded_body(l.body, $room::BIGINT) AS body,
    bounded_attributes(l.attributes, $room::BIGINT) AS attributes,
    l.service,
    count(*) OVER () AS found
FROM logs AS l
SEMI JOIN spans_of_node($id, $since_us, $until_us, $around_since_us, $around_until_us) USING (trace_id, span_id)
WHERE l.event_name <> 'gen_ai.evaluation.result' AND NOT (
    (l.event_name = 'exception' OR list_has_any(keys_of(l.attributes), ['exception.type', 'exception.message']))
    AND (l.trace_id, l.span_id) IN (SELECT (trace_id, span_id) FROM spans WHERE node_id = $id AND node_kind <> 'span' AND stored_us BETWEEN $since_us AND $until_us)
)
ORDER BY at_ns, l.record_id
LIMIT $most
