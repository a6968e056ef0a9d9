-- Where a node is named as a cause that never arrived itself.
SELECT DISTINCT trace_id FROM told_nodes_within($since_us, $until_us)
WHERE causation_id = $id OR list_contains(causes, $id)
