-- Foreign spans below a node's own, such as calls of a language model. What is around it lies in its traces, and was stored
-- within a stretch of its own.
WITH RECURSIVE around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id FROM spans
    WHERE node_kind = 'span' AND stored_us BETWEEN $around_since_us AND $around_until_us
        AND trace_id IN (SELECT trace_id FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
),
below AS (
    SELECT trace_id, span_id FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us
    UNION
    SELECT around.trace_id, around.span_id
    FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
)
SELECT s.trace_id, s.span_id, s.parent_span_id, s.name, s.start_ns, s.end_ns, s.status_code,
    bounded_attributes(s.attributes, $room::BIGINT) AS attributes
FROM spans AS s SEMI JOIN below USING (trace_id, span_id)
WHERE s.node_kind = 'span' AND s.node_id <> $id AND s.stored_us BETWEEN $around_since_us AND $around_until_us
ORDER BY s.start_ns, s.span_id
LIMIT $most
