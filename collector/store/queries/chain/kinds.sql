-- What some nodes are; `span_kind` is OTLP's, where a span is all that a node is, and `role` the part that it plays in an
-- agent's work.
SELECT
    CAST(node_id AS VARCHAR) AS node_id, min(node_kind) AS node_kind, min(kind) AS span_kind, min(start_ns) AS start_ns,
    min(role) AS role
FROM told_nodes_within($since_us, $until_us)
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND node_id IN (SELECT CAST(unnest($nodes) AS UUID))
GROUP BY node_id
