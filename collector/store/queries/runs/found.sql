-- The runs that a search finds but by the columns of `search/listed.sql`: by what is written of steps, by their markers, and by
-- ids, where there are some: of anything that a run, one of its steps or what these published is part of.
--[$is_id
WITH named AS MATERIALIZED (FROM records_named('found_places', $ids, $span_ids, $halves, $placed_since_us, $placed_until_us))
--]
SELECT DISTINCT CASE WHEN node_kind = 'run' THEN node_id ELSE run_id END AS id
FROM (
    FROM values_saying($literal, $pattern, 'step', $first_ns)
    UNION ALL
    FROM records_called($literal, $pattern, ['run', 'step'], $first_ns)
    --[$is_part_of_id
    UNION ALL
    FROM records_with_ids_like($literal, ['run', 'step'], $first_ns)
    --]
    --[$is_id
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM named
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE node_kind = 'step' AND node_id IN (SELECT id FROM found_causes) AND stored_us BETWEEN $causes_since_us AND $causes_until_us
    --]
)
WHERE id IS NOT NULL
LIMIT $most
