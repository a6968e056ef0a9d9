-- Some events that one of our groups received.
SELECT CAST(event_id AS BLOB) AS id
FROM spans
WHERE node_kind = 'delivery' AND event_id IN (SELECT CAST(id AS UUID) FROM clues) AND stored_us BETWEEN $since_us AND $until_us
LIMIT $most
