-- The payload of an event, as who published it tells.
SELECT payload FROM spans
WHERE node_kind = 'event' AND node_id = $id AND payload IS NOT NULL AND stored_us BETWEEN $since_us AND $until_us
LIMIT 1
