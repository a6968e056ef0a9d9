-- Runs of ours that may go on: only one that failed can, after its end.
SELECT CAST(node_id AS BLOB) AS id
FROM spans
WHERE node_kind = 'run'
GROUP BY node_id
HAVING NOT coalesce(bool_or(outcome IN ('ok', 'cancelled')), false)
LIMIT $most
