-- What `found_causes` names.
SELECT CAST(id AS BLOB) AS id FROM found_causes LIMIT $most
