-- The runs of ours that began in a range of time, and the events of which anything did.
SELECT DISTINCT CAST(CASE node_kind WHEN 'delivery' THEN event_id ELSE node_id END AS BLOB) AS id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND node_kind IN ('run', 'event', 'delivery')
    AND (node_kind <> 'delivery' OR event_id IS NOT NULL)
LIMIT $most
