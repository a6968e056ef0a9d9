-- How the groups of some events fared, a row a round.
SELECT node_id, event_id, step AS consumer_group, round, attempts, outcome, running
FROM work_where(node_kind = 'delivery' AND event_id IN (SELECT unnest($events)))
ORDER BY event_id, consumer_group, round, node_id
