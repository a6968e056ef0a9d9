-- Notes of which work a record will not be shown any more.
INSERT INTO changed_work (node_id, run_id)
SELECT DISTINCT told_node(node_kind, node_id, causation_id), told_run(node_kind, node_id, run_id)
FROM contested JOIN spans ON spans.rowid = contested.row
WHERE place > 1 AND origin = 0 AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
