-- The nodes of the attempts that are the table `tried`.
SELECT CAST(CAST(node_id AS UUID) AS BLOB) AS id FROM tried LIMIT $most
