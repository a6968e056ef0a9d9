-- The events of those deliveries in the table `tried` that have a dead letter.
SELECT DISTINCT tried.event_id
FROM tried JOIN spans ON causation_id = CAST(tried.id AS UUID)
WHERE node_kind = 'dead_letter' AND stored_us BETWEEN $since_us AND $until_us
