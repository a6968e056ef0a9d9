-- The nodes that have changed or of which anything says so, and their runs.
SELECT DISTINCT CAST(unnest([node_id, run_id]) AS BLOB) AS id
FROM (SELECT node_id, run_id FROM told_work UNION ALL SELECT node_id, run_id FROM changed_nodes)
LIMIT $most
