-- Where a node is recorded; an event also where a group received it. Each is looked for by itself, since a column that has
-- to be one of two is read whole.
SELECT trace_id FROM told_nodes_within($since_us, $until_us) WHERE node_id = $id
UNION
SELECT trace_id FROM told_nodes_within($since_us, $until_us) WHERE event_id = $id
