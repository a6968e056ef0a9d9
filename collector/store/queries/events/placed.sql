-- When some events were published, as their lists place them.
SELECT CAST(node_id AS BLOB) AS id, min(start_ns) AS start_ns
FROM spans
WHERE node_kind = 'event' AND node_id IN (SELECT unnest($events)) AND stored_us <= $as_of
    AND stored_us BETWEEN $since_us AND $until_us
GROUP BY node_id
