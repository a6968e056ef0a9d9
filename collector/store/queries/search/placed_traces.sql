-- The traces of what `found_places` names.
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM found_places LIMIT $most
