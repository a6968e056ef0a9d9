-- The nodes that are the table `judged`.
SELECT DISTINCT CAST(node_id AS BLOB) AS id FROM judged LIMIT $most
