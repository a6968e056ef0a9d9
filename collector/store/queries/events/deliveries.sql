-- How the groups of some events fared, a row a round, with what settled the dead letter of one that gave up.
SELECT node_id, event_id, step AS consumer_group, round, attempts, outcome, running, settled_by, service
FROM work_where(node_kind = 'delivery' AND event_id IN (SELECT unnest($events))) AS work
LEFT JOIN dead_letters ON dead_letters.delivery_id = work.node_id
ORDER BY event_id, consumer_group, round, node_id
