-- The events that a search finds but by the columns of `search/listed.sql`: by their payloads, by what is written of their
-- deliveries, by markers, and by ids, where there are some: of anything that an event, what its groups did or what published it
-- is part of.
--[$is_id
WITH named AS MATERIALIZED (FROM records_named('found_places', $ids, $span_ids, $halves, $placed_since_us, $placed_until_us))
--]
SELECT DISTINCT CASE WHEN node_kind = 'event' THEN node_id ELSE event_id END AS id
FROM (
    FROM payloads_saying($literal, $pattern, $first_ns)
    UNION ALL
    FROM values_saying($literal, $pattern, 'delivery', $first_ns)
    UNION ALL
    FROM records_called($literal, $pattern, ['event', 'delivery', 'dead_letter', 'replay', 'discard'], $first_ns)
    --[$is_part_of_id
    UNION ALL
    FROM records_with_ids_like($literal, ['event', 'delivery', 'dead_letter', 'replay', 'discard'], $first_ns)
    --]
    --[$is_id
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM named
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE node_kind = 'event' AND causation_id IN (SELECT node_id FROM named WHERE node_kind IN ('step', 'delivery'))
        AND stored_us BETWEEN $around_since_us AND $around_until_us
    --]
)
WHERE id IS NOT NULL
LIMIT $most
