-- The nodes, and the events, of what `found_places` names.
SELECT DISTINCT CAST(unnest([node_id, event_id]) AS BLOB) AS id FROM found_places LIMIT $most
