-- How steps and groups do. A replay is another node with a story of its own, so deliveries count in their first round.
-- Nodes are as the view `work` has them, which would group all work there is before it left these.
WITH placed AS (
    SELECT *, coalesce(round, 0) * 1000000 + coalesce(attempt, 0) AS place
    FROM records
    WHERE node_kind IN ('step', 'delivery') AND node_id IN (
        SELECT node_id FROM spans
        WHERE node_kind IN ('step', 'delivery') AND start_ns >= $first_ns AND start_ns < $end_ns
            AND ($kind IS NULL OR node_kind = $kind)
            AND ($workflow IS NULL OR coalesce(workflow, channel, '') = $workflow)
            AND ($step IS NULL OR coalesce(step, consumer_group, '') = $step)
    )
),
nodes AS (
    SELECT
        node_id,
        any_value(node_kind) AS kind,
        coalesce(any_value(workflow), any_value(channel), '') AS workflow,
        coalesce(any_value(step), any_value(consumer_group), '') AS step,
        coalesce(arg_max(agent, place), any_value(service), '') AS agent,
        min(start_ns) AS start_ns,
        greatest(count(DISTINCT attempt), max(attempt), 1) AS attempts,
        coalesce(
            arg_max(outcome, place) FILTER (WHERE NOT running AND outcome NOT IN ('stale', 'duplicate')),
            arg_max(outcome, place) FILTER (WHERE NOT running)
        ) AS outcome
    FROM placed
    GROUP BY node_id
    HAVING min(start_ns) >= $first_ns AND min(start_ns) < $end_ns AND coalesce(any_value(round), 0) = 0
),
attempts AS (
    SELECT n.kind, n.workflow, n.step, s.outcome, (s.end_ns - s.start_ns) / 1e6 AS ms
    FROM spans AS s JOIN nodes AS n USING (node_id)
    WHERE s.node_kind IN ('step', 'delivery')
),
by_node AS (
    SELECT
        kind, workflow, step, arg_max(agent, start_ns) AS agent, count(*) AS nodes,
        count(*) FILTER (WHERE outcome IN ('failed', 'dead_letter')) AS bad,
        count(*) FILTER (WHERE attempts > 1) AS retried
    FROM nodes GROUP BY ALL
),
by_attempt AS (
    SELECT
        kind, workflow, step, count(*) AS attempts,
        quantile_cont(ms, [0.5, 0.95, 0.99]) AS quantiles
    FROM attempts WHERE outcome IS DISTINCT FROM 'skipped' GROUP BY ALL
),
by_score AS (
    SELECT n.kind, n.workflow, n.step, count(*) AS scored, count(*) FILTER (WHERE v.score >= 0.5) AS correct
    FROM verdicts AS v JOIN nodes AS n USING (node_id)
    GROUP BY ALL
)
SELECT
    kind, workflow, step, agent, nodes, bad, retried, coalesce(attempts, 0) AS attempts, quantiles,
    coalesce(scored, 0) AS scored, coalesce(correct, 0) AS correct
FROM by_node
LEFT JOIN by_attempt USING (kind, workflow, step)
LEFT JOIN by_score USING (kind, workflow, step)
WHERE $q IS NULL OR contains(lower(workflow || ' ' || step || ' ' || agent), $q)
ORDER BY kind DESC, workflow, step
