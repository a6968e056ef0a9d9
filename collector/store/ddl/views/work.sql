-- The steps and deliveries whose records meet a condition: one row a node, however many attempts. The outcome is that
-- of the last attempt that decides; where none does, of the last that ended. The condition is an argument because it
-- filters before rows are grouped: on a view, all work there is would be grouped first. It names columns of `records`,
-- and has to choose all records of a node or none.
CREATE OR REPLACE MACRO work_where(condition) AS TABLE
    WITH placed AS (
        SELECT *, place_of(round, attempt) AS place, can_decide(running, outcome) AS decides
        FROM records
        WHERE node_kind IN ('step', 'delivery') AND condition
    )
    SELECT
        node_id,
        any_value(node_kind) AS kind,
        coalesce(any_value(workflow), any_value(channel), '') AS workflow,
        coalesce(any_value(step), any_value(consumer_group), '') AS step,
        coalesce(arg_max(agent, place), any_value(service), '') AS agent,
        any_value(run_id) AS run_id,
        any_value(event_id) AS event_id,
        coalesce(any_value(round), 0) AS round,
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
            arg_max(outcome, place) FILTER (WHERE decides),
            arg_max(outcome, place) FILTER (WHERE NOT running)
        ) AS outcome,
        arg_max_null(nullif(concat_ws(': ', error_type, nullif(status_message, '')), ''), place) AS error,
        coalesce(
            max(place) FILTER (WHERE running) > coalesce(max(place) FILTER (WHERE NOT running), -1), false
        ) AS running
    FROM placed
    GROUP BY node_id;

-- The steps and deliveries that began in a time range; of one kind, workflow (or channel) and step (or group) where
-- these are not NULL. A replay is another node with a story of its own, so deliveries count in their first round.
CREATE OR REPLACE MACRO work_between(from_ns, until_ns, of_kind, of_workflow, of_step) AS TABLE
    FROM work_where(
        node_id IN (
            SELECT node_id FROM spans
            WHERE node_kind IN ('step', 'delivery') AND start_ns >= from_ns AND start_ns < until_ns
                AND (of_kind IS NULL OR node_kind = of_kind)
                AND (of_workflow IS NULL OR coalesce(workflow, channel, '') = of_workflow)
                AND (of_step IS NULL OR coalesce(step, consumer_group, '') = of_step)
        )
    )
    WHERE start_ns >= from_ns AND start_ns < until_ns AND round = 0;
