-- How the groups of some events fared, a row a round; as the view `deliveries` has it, which would group all deliveries
-- there are before it left these.
WITH placed AS (
    SELECT *, coalesce(round, 0) * 1000000 + coalesce(attempt, 0) AS place
    FROM records
    WHERE node_kind = 'delivery' AND event_id IN (SELECT unnest($events))
)
SELECT
    node_id,
    any_value(event_id) AS event_id,
    coalesce(any_value(consumer_group), '') AS consumer_group,
    coalesce(any_value(round), 0) AS round,
    greatest(count(DISTINCT attempt), max(attempt), 1) AS attempts,
    coalesce(
        arg_max(outcome, place) FILTER (WHERE NOT running AND outcome NOT IN ('stale', 'duplicate')),
        arg_max(outcome, place) FILTER (WHERE NOT running)
    ) AS outcome,
    coalesce(max(place) FILTER (WHERE running) > coalesce(max(place) FILTER (WHERE NOT running), -1), false) AS running
FROM placed
GROUP BY node_id
ORDER BY event_id, consumer_group, round, node_id
