-- Events of which a record names a channel, or, where none is asked for by its name, names no channel.
SELECT CAST(CASE node_kind WHEN 'event' THEN node_id ELSE event_id END AS BLOB) AS id
FROM spans
WHERE node_kind IN ('event', 'delivery') AND (channel = $channel OR ($channel = '' AND channel IS NULL))
LIMIT $most
