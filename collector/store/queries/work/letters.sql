-- The dead letters of some deliveries, the oldest first.
SELECT node_id AS dead_letter_id, causation_id AS delivery_id, start_ns
FROM spans
WHERE node_kind = 'dead_letter' AND causation_id IN (SELECT unnest($ids)) AND stored_us BETWEEN $since_us AND $until_us
ORDER BY start_ns, node_id
