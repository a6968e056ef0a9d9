-- What the table `judged` holds, by step or group and by what the score is called. All that names its nodes was stored within
-- `$since_us` and `$until_us`.
WITH nodes AS (
    SELECT
        node_id,
        any_value(node_kind) AS kind,
        any_value(service) AS service,
        coalesce(any_value(workflow), any_value(channel), '') AS workflow,
        coalesce(any_value(step), any_value(consumer_group), any_value(agent), '') AS step
    FROM spans
    WHERE node_id IN (SELECT node_id FROM judged) AND stored_us BETWEEN $since_us AND $until_us
    GROUP BY node_id
)
SELECT
    kind, service, workflow, step, judged.name AS score, count(*) AS scored,
    count(*) FILTER (WHERE is_right(judged.score)) AS correct
FROM judged JOIN nodes USING (node_id)
GROUP BY ALL
ORDER BY ALL
