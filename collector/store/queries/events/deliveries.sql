-- How the groups of some events fared, a row a round, with what settled the dead letter of one that gave up.
SELECT node_id, event_id, step AS consumer_group, round, attempts, outcome, running, settled_by, service
FROM deliveries_where(
    event_id IN (SELECT unnest($events)) AND (running OR stored_us BETWEEN $since_us AND $until_us)
)
ORDER BY event_id, consumer_group, round, node_id
