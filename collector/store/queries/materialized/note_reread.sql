-- Notes of which work records are read anew.
INSERT INTO changed_work (node_id, run_id)
SELECT DISTINCT told_node(node_kind, node_id, causation_id), told_run(node_kind, node_id, run_id)
FROM spans
WHERE rowid IN (SELECT place FROM reread) AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
