SELECT cause FROM edge_claims
WHERE effect = $id AND trace_id IN (SELECT trace_id FROM records WHERE node_id = $id)
UNION
-- As in chain_claims: the message that a foreign consumer names.
SELECT event.node_id
FROM spans AS consumer JOIN spans AS event ON event.node_id = consumer.event_id AND event.node_kind = 'event'
WHERE consumer.node_id = $id
    AND consumer.node_kind = 'span' AND consumer.kind = 5 AND consumer.causation_id IS NULL
ORDER BY cause
