-- Who caused whom in some traces, as text: that is read several times faster than UUIDs are. The bounds let scans skip
-- what a semi-join alone does not.
SELECT CAST(cause AS VARCHAR) AS cause, CAST(effect AS VARCHAR) AS effect, evidence
FROM edge_claims
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
UNION ALL
-- A foreign consumer names the message that it received; that counts where somebody is known to have sent it.
SELECT CAST(event.node_id AS VARCHAR), CAST(consumer.node_id AS VARCHAR), 'declared'
FROM spans AS consumer JOIN spans AS event ON event.node_id = consumer.event_id AND event.node_kind = 'event'
WHERE consumer.trace_id IN (SELECT unnest($traces))
    AND consumer.trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND consumer.node_kind = 'span' AND consumer.kind = 5 AND consumer.causation_id IS NULL
ORDER BY ALL
LIMIT $most
