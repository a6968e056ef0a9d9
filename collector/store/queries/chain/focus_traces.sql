-- Where a node is recorded; an event also where a group received it. Each is looked for by itself, since a column that has
-- to be one of two is read whole.
SELECT trace_id, true AS is_own FROM told_nodes WHERE node_id = $id AND began_since(start_ns, $since_ns)
UNION
SELECT trace_id, false FROM told_nodes WHERE event_id = $id AND began_since(start_ns, $since_ns)
