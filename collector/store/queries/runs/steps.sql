-- The steps of one run, as the view `steps` has them, which would group all work there is before it left these.
WITH ours AS MATERIALIZED (
    SELECT DISTINCT node_id FROM records WHERE node_kind = 'step' AND run_id = $id
),
placed AS (
    SELECT *, coalesce(round, 0) * 1000000 + coalesce(attempt, 0) AS place
    FROM records
    WHERE node_kind = 'step' AND node_id IN (SELECT node_id FROM ours)
),
verdicts AS (
    SELECT node_id, name, arg_max(score, (coalesce(attempt, 0), time_ns)) AS score
    FROM evaluations
    WHERE score IS NOT NULL AND node_id IN (SELECT node_id FROM ours)
    GROUP BY node_id, name
),
scores AS (
    SELECT node_id, min(score) AS score FROM verdicts GROUP BY node_id
)
SELECT
    node_id,
    coalesce(any_value(step), '') AS step,
    coalesce(arg_max(agent, place), any_value(service), '') AS agent,
    any_value(depth) AS depth,
    arg_max(causes, place) AS causes,
    arg_max(keys_read, place) AS keys_read,
    arg_max(keys_written, place) AS keys_written,
    arg_max(context_size, place) AS context_size,
    min(start_ns) AS start_ns,
    max(end_ns) FILTER (WHERE NOT running) AS end_ns,
    greatest(count(DISTINCT attempt), max(attempt), 1) AS attempts,
    count(*) FILTER (WHERE outcome = 'retry') AS retries,
    coalesce(
        arg_max(outcome, place) FILTER (WHERE NOT running AND outcome NOT IN ('stale', 'duplicate')),
        arg_max(outcome, place) FILTER (WHERE NOT running)
    ) AS outcome,
    arg_max_null(nullif(concat_ws(': ', error_type, nullif(status_message, '')), ''), place) AS error,
    coalesce(max(place) FILTER (WHERE running) > coalesce(max(place) FILTER (WHERE NOT running), -1), false) AS running,
    any_value(score) AS score
FROM placed LEFT JOIN scores USING (node_id)
GROUP BY node_id
ORDER BY start_ns, node_id
