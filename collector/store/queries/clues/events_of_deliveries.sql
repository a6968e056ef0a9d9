-- The events of some deliveries. A marker of work that has arrived, and a letter, say the same as the work itself.
SELECT CAST(event_id AS BLOB) AS id
FROM work_records
WHERE node_kind = 'delivery' AND node_id IN (SELECT CAST(id AS UUID) FROM clues) AND event_id IS NOT NULL
    AND (running OR stored_us BETWEEN $since_us AND $until_us)
LIMIT $most
