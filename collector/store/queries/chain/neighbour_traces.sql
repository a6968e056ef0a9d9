-- Traces that hold records of some nodes, and, looking ahead, effects of theirs, who received their messages, runs that go
-- on where they waited, or links to them.
WITH near AS MATERIALIZED (SELECT CAST(unnest($nodes) AS UUID) AS node)
SELECT trace_id FROM told_nodes WHERE node_id IN (FROM near) AND (running OR stored_us BETWEEN $since_us AND $until_us)
UNION
SELECT trace_id FROM told_nodes
WHERE $ahead AND causation_id IN (FROM near) AND (running OR stored_us BETWEEN $since_us AND $until_us)
UNION
SELECT trace_id FROM (
    SELECT trace_id, unnest(causes) AS cause FROM told_nodes
    WHERE $ahead AND node_kind = 'step' AND (running OR stored_us BETWEEN $since_us AND $until_us)
)
WHERE cause IN (FROM near)
--[$messages
UNION
SELECT trace_id FROM foreign_receipts WHERE $ahead AND event_id IN (FROM near)
--]
--[$apart
UNION
SELECT trace_id FROM continued WHERE $ahead AND cause IN (FROM near)
--]
UNION
SELECT l.trace_id
FROM span_links AS l JOIN spans AS s ON s.trace_id = l.linked_trace_id AND s.span_id = l.linked_span_id
WHERE $ahead AND s.node_id IN (FROM near) AND s.stored_us BETWEEN $since_us AND $until_us
    AND l.linked_trace_id IN (SELECT unnest($traces)) AND s.trace_id IN (SELECT unnest($traces))
