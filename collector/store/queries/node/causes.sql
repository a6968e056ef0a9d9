SELECT DISTINCT cause
FROM edge_claims
WHERE effect = $id AND trace_id IN (SELECT trace_id FROM records WHERE node_id = $id)
ORDER BY cause
