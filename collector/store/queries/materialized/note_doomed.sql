-- Notes of which work records go, with the traces that they are in.
INSERT INTO changed_work (node_id, run_id)
SELECT DISTINCT told_node(node_kind, node_id, causation_id), told_run(node_kind, node_id, run_id)
FROM (
    SELECT trace_id, start_ns, node_kind, node_id, causation_id, run_id FROM spans
    UNION ALL
    SELECT trace_id, start_ns, node_kind, node_id, causation_id, run_id FROM pending
)
WHERE trace_id IN (SELECT CAST(trace_id AS UUID) FROM doomed) AND start_ns BETWEEN $first_ns AND $last_ns
    AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
