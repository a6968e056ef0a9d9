-- How steps and groups do. What was skipped has done nothing.
WITH nodes AS MATERIALIZED (
    FROM work_begun($known_us, $first_ns, $end_ns, $kind, $workflow, $step)
    WHERE outcome IS DISTINCT FROM 'skipped'
        --[$app
        AND service = $app
        --]
        --[$agent
        AND agent = $agent
        --]
        --[$model
        AND node_id IN (
            SELECT node_id FROM spans WHERE (trace_id, span_id) IN (FROM above_model($model, $first_ns))
        )
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
        quantile_cont(duration / 1e6, [0.5, 0.95, 0.99]) AS quantiles
    FROM (SELECT kind, workflow, step, unnest(durations) AS duration FROM nodes) GROUP BY ALL
),
by_name AS (
    SELECT n.kind, n.workflow, n.step, s.name, count(*) AS scored, count(*) FILTER (WHERE is_right(s.score)) AS correct
    FROM scores_where(start_ns >= $first_ns AND node_kind IN ('step', 'delivery')) AS s JOIN nodes AS n USING (node_id)
    GROUP BY ALL
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
