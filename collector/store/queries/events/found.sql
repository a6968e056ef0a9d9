-- The events that a search finds.
SELECT DISTINCT event_id AS id
FROM events_found($ids, $span_ids, $halves, $literal, $pattern, $first_ns)
WHERE event_id IS NOT NULL
LIMIT $most
