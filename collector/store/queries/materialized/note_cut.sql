-- Notes of which work records go that are the oldest.
INSERT INTO changed_work (node_id, run_id)
SELECT DISTINCT told_node(node_kind, node_id, causation_id), told_run(node_kind, node_id, run_id)
FROM spans
WHERE start_ns < $until_ns AND (trace_id, span_id, start_ns) IN (FROM cut) AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
