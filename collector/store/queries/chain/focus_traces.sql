-- Where a node is recorded; an event also where a group received it. Each is looked for by itself, since a column that has
-- to be one of two is read whole.
SELECT trace_id FROM told_nodes WHERE node_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
UNION
SELECT trace_id FROM told_nodes WHERE event_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
