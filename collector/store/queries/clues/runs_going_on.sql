-- Runs of ours that may go on: only one that failed can, after its end.
SELECT CAST(node_id AS BLOB) AS id
FROM (SELECT node_id FROM spans WHERE node_kind = 'run')
ANTI JOIN (SELECT node_id FROM spans WHERE node_kind = 'run' AND outcome IN ('ok', 'cancelled')) USING (node_id)
LIMIT $most
