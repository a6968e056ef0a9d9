-- Notes of which work markers go that are the oldest.
INSERT INTO changed_work (node_id, run_id)
SELECT DISTINCT told_node(node_kind, node_id, causation_id), told_run(node_kind, node_id, run_id)
FROM pending
WHERE start_ns < $until_ns AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
