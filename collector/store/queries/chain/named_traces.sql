-- Where a node is named as a cause that never arrived itself.
SELECT DISTINCT trace_id FROM told_nodes
WHERE (causation_id = $id OR list_contains(causes, $id)) AND (running OR stored_us BETWEEN $since_us AND $until_us)
