-- How steps and groups do. What ran no code of theirs is in none.
--
-- Each of the three parts reads its own columns of the rows that there are: to keep them all for it would take 200 bytes each.
WITH begun AS NOT MATERIALIZED (
    --[$is_kept
    FROM step_nodes
    --]
    --[$is_asked
    FROM materialized_work WHERE start_ns >= $first_ns AND start_ns < $unchanged_ns
    --]
    --[$has_changed
    UNION ALL BY NAME
    FROM materialized_work ANTI JOIN changed_nodes USING (node_id) WHERE start_ns >= $unchanged_ns AND start_ns < $end_ns
    UNION ALL BY NAME
    FROM work_anew
    --]
),
--[$model
called AS MATERIALIZED (
    SELECT node_id FROM spans WHERE (trace_id, span_id) IN (FROM above_model($model, $first_ns))
),
--]
nodes AS NOT MATERIALIZED (
    FROM begun
    WHERE has_worked
        --[$kind
        AND kind = $kind
        --]
        --[$workflow
        AND workflow = $workflow
        --]
        --[$step
        AND step = $step
        --]
        --[$app
        AND service = $app
        --]
        --[$agent
        AND agent = $agent
        --]
        --[$model
        AND node_id IN (SELECT node_id FROM called)
        --]
),
by_node AS (
    SELECT
        kind, workflow, step, arg_max(agent, start_ns) AS agent, arg_max(service, start_ns) AS app, count(*) AS nodes,
        count(*) FILTER (WHERE running) AS open,
        count(*) FILTER (WHERE outcome IN ('failed', 'dead_letter')) AS bad,
        count(*) FILTER (WHERE attempts > 1) AS retried
    FROM nodes GROUP BY ALL
),
by_attempt AS (
    SELECT
        kind, workflow, step, count(*) AS attempts,
        quantile_cont(took_ns / 1e6, [0.5, 0.95, 0.99]) AS quantiles
    FROM (SELECT kind, workflow, step, unnest(tries).took_ns AS took_ns FROM nodes) GROUP BY ALL
),
by_name AS (
    SELECT
        kind, workflow, step, judged.name AS name, count(*) AS scored, count(*) FILTER (WHERE is_right(judged.score)) AS correct
    FROM (SELECT kind, workflow, step, unnest(scores) AS judged FROM nodes) GROUP BY ALL
),
by_score AS (
    SELECT kind, workflow, step, list(struct_pack(name := name, scored := scored, correct := correct) ORDER BY name) AS scores
    FROM by_name GROUP BY ALL
)
SELECT
    kind, workflow, step, agent, coalesce(app, '') AS app, nodes, open, bad, retried, coalesce(attempts, 0) AS attempts, quantiles,
    coalesce(scores, []) AS scores
FROM by_node
LEFT JOIN by_attempt USING (kind, workflow, step)
LEFT JOIN by_score USING (kind, workflow, step)
WHERE $pattern IS NULL OR says(concat_ws(chr(10), workflow, step, agent), $literal, $pattern)
ORDER BY kind DESC, workflow, step
