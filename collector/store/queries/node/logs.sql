-- Log records of a node and of the foreign spans below it, oldest first; evaluations and exceptions are shown as such.
WITH RECURSIVE own AS MATERIALIZED (
    SELECT trace_id, span_id FROM spans WHERE node_id = $id
    UNION
    SELECT trace_id, parent_span_id FROM pending WHERE node_id = $id
),
around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id FROM spans
    WHERE node_kind = 'span' AND trace_id IN (SELECT trace_id FROM own)
),
below AS (
    SELECT trace_id, span_id FROM own
    UNION
    SELECT around.trace_id, around.span_id
    FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
)
SELECT
    l.trace_id,
    l.span_id,
    coalesce(nullif(l.time_ns, 0), l.observed_ns) AS at_ns,
    l.severity_number,
    l.severity_text,
    l.event_name,
    l.body,
    l.attributes,
    l.service,
    count(*) OVER () AS found
FROM logs AS l SEMI JOIN below USING (trace_id, span_id)
WHERE l.event_name NOT IN ('gen_ai.evaluation.result', 'exception')
    AND NOT list_has_any(keys_of(l.attributes), ['exception.type', 'exception.message'])
ORDER BY at_ns, l.record_id
LIMIT $most
