-- Where a node is recorded; an event also where a group received it.
SELECT DISTINCT trace_id FROM records WHERE node_id = $id OR event_id = $id
