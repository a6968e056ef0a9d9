-- How steps and groups that were tried in a window did, and services that are not ours by what they were asked. Bounded by
-- the window on purpose: how a node stands in the end is asked elsewhere, of all its records.
WITH tried AS (
    SELECT
        node_kind,
        node_id,
        service,
        coalesce(workflow, channel, '') AS workflow,
        coalesce(counted_step(step, step_place), consumer_group, '') AS step,
        outcome,
        status_code,
        greatest(end_ns - start_ns, 0) / 1e6 AS ms,
        place_of(round, attempt) AS place
    FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND has_worked(outcome)
        AND (node_kind IN ('step', 'delivery') OR (node_kind = 'span' AND (kind IN (2, 5) OR parent_span_id IS NULL)))
),
placed AS (
    SELECT
        CASE WHEN node_kind = 'span' THEN '' ELSE node_kind END AS kind,
        service,
        CASE WHEN node_kind = 'span' THEN '' ELSE workflow END AS workflow,
        CASE WHEN node_kind = 'span' THEN '' ELSE step END AS step,
        node_id,
        ms,
        place,
        CASE
            WHEN node_kind = 'span' THEN foreign_status(status_code, outcome)
            WHEN can_decide(false, outcome) THEN outcome
        END AS outcome
    FROM tried
),
nodes AS (
    SELECT kind, service, workflow, step, node_id, arg_max(outcome, place) AS outcome
    FROM placed GROUP BY ALL
),
ended AS (
    SELECT
        kind, service, workflow, step,
        count(outcome) AS nodes,
        count(*) FILTER (WHERE outcome IN ('failed', 'dead_letter')) AS bad
    FROM nodes GROUP BY ALL
)
SELECT kind, service, workflow, step, nodes, bad, count(*) AS attempts, quantile_cont(ms, 0.95) AS p95_ms
FROM placed JOIN ended USING (kind, service, workflow, step)
GROUP BY ALL
ORDER BY ALL
