-- Traces that hold records of some nodes, and, looking ahead, effects of theirs, who received their messages, runs that go
-- on where they waited, or links to them. Whether the work of a marker has arrived does not matter: it is of that trace.
WITH near AS MATERIALIZED (SELECT CAST(unnest($nodes) AS UUID) AS node)
SELECT trace_id FROM spans WHERE node_id IN (FROM near) AND stored_us BETWEEN $since_us AND $until_us
UNION
SELECT trace_id FROM pending WHERE node_id IN (FROM near)
UNION
SELECT trace_id FROM spans
WHERE causation_id IN (FROM near) AND was_never_tried(node_kind, attempts, round, causation_id)
    AND stored_us BETWEEN $since_us AND $until_us
--[$ahead
UNION
SELECT trace_id FROM spans WHERE causation_id IN (FROM near) AND stored_us BETWEEN $since_us AND $until_us
UNION
SELECT trace_id FROM pending WHERE causation_id IN (FROM near)
UNION
SELECT trace_id FROM spans
WHERE event_id IN (FROM near) AND was_never_tried(node_kind, attempts, round, causation_id)
    AND stored_us BETWEEN $since_us AND $until_us
UNION
SELECT trace_id FROM (
    SELECT trace_id, unnest(causes) AS cause FROM spans
    WHERE node_kind = 'step' AND stored_us BETWEEN $since_us AND $until_us
    UNION ALL
    SELECT trace_id, unnest(causes) FROM pending WHERE node_kind = 'step'
)
WHERE cause IN (FROM near)
UNION
SELECT l.trace_id
FROM span_links AS l JOIN spans AS s ON s.trace_id = l.linked_trace_id AND s.span_id = l.linked_span_id
WHERE s.node_id IN (FROM near) AND s.stored_us BETWEEN $since_us AND $until_us
    AND l.linked_trace_id IN (SELECT unnest($traces)) AND s.trace_id IN (SELECT unnest($traces))
--]
--[$messages
UNION
SELECT trace_id FROM foreign_receipts WHERE $ahead AND event_id IN (FROM near)
--]
--[$apart
UNION
SELECT trace_id FROM continued WHERE $ahead AND cause IN (FROM near)
--]
