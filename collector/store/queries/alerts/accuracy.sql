-- What was scored in a window, by step or group and by what the score is called. Of a node under a name the newest counts.
WITH judged AS MATERIALIZED (
    SELECT node_id, name, arg_max(verdict, (coalesce(attempt, 0), time_ns)) AS score
    FROM evaluations_where(time_ns >= $first_ns AND time_ns < $end_ns, true)
    WHERE verdict IS NOT NULL
    GROUP BY node_id, name
),
nodes AS (
    SELECT
        node_id,
        any_value(node_kind) AS kind,
        any_value(service) AS service,
        coalesce(any_value(workflow), any_value(channel), '') AS workflow,
        coalesce(any_value(step), any_value(consumer_group), any_value(agent), '') AS step
    FROM spans
    WHERE node_id IN (SELECT node_id FROM judged)
    GROUP BY node_id
)
SELECT
    kind, service, workflow, step, judged.name AS score, count(*) AS scored,
    count(*) FILTER (WHERE is_right(judged.score)) AS correct
FROM judged JOIN nodes USING (node_id)
GROUP BY ALL
ORDER BY ALL
