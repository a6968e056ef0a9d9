SELECT DISTINCT cause, effect, evidence, cause_trace_id
FROM edge_claims
WHERE trace_id IN (SELECT unnest($traces))
ORDER BY ALL
LIMIT $most
