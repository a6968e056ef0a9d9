-- Who caused whom in some traces, as text: that is read several times faster than UUIDs are. The bounds let scans skip
-- what a semi-join alone does not.
SELECT CAST(cause AS VARCHAR) AS cause, CAST(effect AS VARCHAR) AS effect, evidence
FROM (
    SELECT cause, effect, evidence, trace_id FROM edge_claims
    --[$apart
    UNION ALL
    SELECT cause, node_id, 'inferred', trace_id FROM continued
    --]
)
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
ORDER BY ALL
LIMIT $most
