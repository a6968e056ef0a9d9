-- The nodes, and the runs, of which anything says so.
SELECT DISTINCT CAST(unnest([node_id, run_id]) AS BLOB) AS id FROM told_work LIMIT $most
