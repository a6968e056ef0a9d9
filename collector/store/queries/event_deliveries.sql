SELECT node_id, event_id, step AS consumer_group, coalesce(round, 0) AS round, attempts, outcome, running
FROM deliveries
WHERE node_id IN (
    SELECT node_id FROM records WHERE node_kind = 'delivery' AND event_id IN (SELECT unnest($events))
)
ORDER BY event_id, consumer_group, round, node_id
