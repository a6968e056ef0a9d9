-- How steps of agents of others do. Their attempts are the table `tried`, their scores `judged`.
WITH by_node AS (
    SELECT
        workflow, step, arg_max(agent, start_ns) AS agent, arg_max(service, start_ns) AS app,
        arg_max(source, start_ns) AS source, count(*) AS nodes, count(*) FILTER (WHERE outcome = 'failed') AS bad,
        count(*) FILTER (WHERE attempts > 1) AS retried, count(*) FILTER (WHERE outcome IS NULL) AS open
    FROM tried WHERE is_last GROUP BY workflow, step
),
by_attempt AS (
    SELECT workflow, step, count(*) AS attempts, quantile_cont(took_ns / 1e6, [0.5, 0.95, 0.99]) AS quantiles
    FROM tried GROUP BY workflow, step
),
by_name AS (
    SELECT
        t.workflow, t.step, s.name, count(*) AS scored, count(*) FILTER (WHERE is_right(s.score)) AS correct
    FROM judged AS s JOIN tried AS t USING (node_id)
    GROUP BY ALL
),
by_score AS (
    SELECT workflow, step, list(struct_pack(name := name, scored := scored, correct := correct) ORDER BY name) AS scores
    FROM by_name GROUP BY ALL
)
SELECT 'step' AS kind, by_node.*, attempts, quantiles, coalesce(scores, []) AS scores
FROM by_node JOIN by_attempt USING (workflow, step) LEFT JOIN by_score USING (workflow, step)
