-- Steps and deliveries: one row a node, however many attempts. `place` orders attempts; the outcome is that of the last
-- attempt that decided something (stale and duplicate ones did not).
CREATE OR REPLACE VIEW work AS
WITH placed AS (
    SELECT *, coalesce(round, 0) * 1000000 + coalesce(attempt, 0) AS place
    FROM records
    WHERE node_kind IN ('step', 'delivery')
)
SELECT
    node_id,
    any_value(node_kind) AS kind,
    coalesce(any_value(workflow), any_value(channel), '') AS workflow,
    coalesce(any_value(step), any_value(consumer_group), '') AS step,
    coalesce(arg_max(agent, place), any_value(service), '') AS agent,
    any_value(run_id) AS run_id,
    any_value(event_id) AS event_id,
    any_value(round) AS round,
    any_value(correlation_id) AS correlation_id,
    any_value(subject) AS subject,
    any_value(depth) AS depth,
    any_value(causation_id) AS causation_id,
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
    coalesce(max(place) FILTER (WHERE running) > coalesce(max(place) FILTER (WHERE NOT running), -1), false) AS running
FROM placed
GROUP BY node_id;

CREATE OR REPLACE VIEW steps AS SELECT * FROM work WHERE kind = 'step';

CREATE OR REPLACE VIEW deliveries AS SELECT * FROM work WHERE kind = 'delivery';

-- The steps and deliveries that began in a time range, as the view `work` has them; of one kind, workflow (or channel)
-- and step (or group) where these are not NULL. It looks nodes up before it groups them: the view would group all work
-- there is. A replay is another node with a story of its own, so deliveries count in their first round.
CREATE OR REPLACE MACRO work_between(from_ns, until_ns, of_kind, of_workflow, of_step) AS TABLE
    WITH placed AS (
        SELECT *, coalesce(round, 0) * 1000000 + coalesce(attempt, 0) AS place
        FROM records
        WHERE node_kind IN ('step', 'delivery') AND node_id IN (
            SELECT node_id FROM spans
            WHERE node_kind IN ('step', 'delivery') AND start_ns >= from_ns AND start_ns < until_ns
                AND (of_kind IS NULL OR node_kind = of_kind)
                AND (of_workflow IS NULL OR coalesce(workflow, channel, '') = of_workflow)
                AND (of_step IS NULL OR coalesce(step, consumer_group, '') = of_step)
        )
    )
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
    HAVING min(start_ns) >= from_ns AND min(start_ns) < until_ns AND coalesce(any_value(round), 0) = 0;
