-- Nodes of some traces of which an attempt failed, was lost or was tried again, or that gave up.
SELECT DISTINCT CAST(node_id AS VARCHAR) AS node_id
FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND stored_us BETWEEN $since_us AND $until_us
    AND (has_failed(node_kind, status_code, outcome) OR outcome IN ('failed', 'retry', 'lost', 'dead_letter'))
