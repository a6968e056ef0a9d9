-- The runs that a search finds but by the columns of `search/listed.sql`: by what is written of steps, by their markers, and by
-- ids, where there are some: of anything that a run, one of its steps or what these published is part of.
--[$is_id
WITH named AS MATERIALIZED (FROM records_named($ids, $span_ids, $halves)),
about AS (
    SELECT causation_id FROM spans
    WHERE node_kind = 'event'
        AND node_id IN (SELECT CASE WHEN node_kind = 'event' THEN node_id ELSE event_id END FROM named)
)
--]
SELECT DISTINCT CASE WHEN node_kind = 'run' THEN node_id ELSE run_id END AS id
FROM (
    FROM values_saying($literal, $pattern, 'step', $first_ns)
    UNION ALL
    FROM records_called($literal, $pattern, ['run', 'step'], $first_ns)
    --[$is_part_of_id
    UNION ALL
    FROM records_with_ids_like($literal, $pattern, ['run', 'step'], $first_ns)
    --]
    --[$is_id
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM named
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE node_kind = 'step' AND node_id IN (SELECT causation_id FROM about)
    --]
)
WHERE id IS NOT NULL
LIMIT $most
