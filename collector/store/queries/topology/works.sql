-- Which steps and deliveries of ours some nodes are.
SELECT DISTINCT node_id, node_kind AS kind, service, coalesce(workflow, channel, '') AS workflow, coalesce(step, consumer_group, '') AS step
FROM spans
WHERE node_id IN (SELECT unnest($ids)) AND node_kind IN ('step', 'delivery') AND stored_us BETWEEN $since_us AND $until_us
