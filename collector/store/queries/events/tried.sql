-- The deliveries of some events, each once for each of its records, and whether that says that it ended so.
SELECT CAST(node_id AS BLOB) AS id, CAST(event_id AS BLOB) AS event_id, coalesce(list_contains($outcomes, outcome), false) AS ended_so
FROM work_records
WHERE node_kind = 'delivery' AND event_id IN (SELECT unnest($events))
    AND (running OR stored_us BETWEEN $since_us AND $until_us)
