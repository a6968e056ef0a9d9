-- When the attempts of one step began, the first and the last.
SELECT min(s.start_ns) AS first_ns, max(s.start_ns) AS last_ns
FROM spans AS s JOIN nodes_of_step($kind, $workflow, $step, $first_ns, $end_ns) USING (node_id)
WHERE s.node_kind = $kind
