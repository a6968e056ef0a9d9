-- Spans of a node, and the foreign spans below them; the node's own were stored within a stretch of time, and what is around
-- them within another.
CREATE OR REPLACE MACRO spans_of_node(id, since_us, until_us, around_since_us, around_until_us) AS TABLE
    WITH RECURSIVE own AS MATERIALIZED (
        SELECT trace_id, span_id FROM spans WHERE node_id = id AND stored_us BETWEEN since_us AND until_us
        UNION
        SELECT trace_id, parent_span_id FROM pending WHERE node_id = id
    ),
    around AS MATERIALIZED (
        SELECT trace_id, span_id, parent_span_id FROM spans
        WHERE node_kind = 'span' AND trace_id IN (SELECT trace_id FROM own)
            AND stored_us BETWEEN around_since_us AND around_until_us
    ),
    below AS (
        SELECT trace_id, span_id FROM own
        UNION
        SELECT around.trace_id, around.span_id
        FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
    )
    FROM below;

-- A severity as OpenTelemetry's number; that of its name where no number was sent, 0 where neither tells.
CREATE OR REPLACE MACRO log_severity(number, said) AS CASE
    WHEN number > 0 THEN number
    WHEN upper(said) = 'TRACE' THEN 1
    WHEN upper(said) = 'DEBUG' THEN 5
    WHEN upper(said) IN ('INFO', 'INFORMATION', 'NOTICE') THEN 9
    WHEN upper(said) IN ('WARN', 'WARNING') THEN 13
    WHEN upper(said) IN ('ERROR', 'ERR') THEN 17
    WHEN upper(said) IN ('FATAL', 'CRITICAL', 'ALERT', 'EMERGENCY') THEN 21
    ELSE 0
END;
