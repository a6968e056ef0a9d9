-- The way up from a node to its first cause, by what a record of it says. A step says its depth within its run. A delivery says
-- none, and a run may have been started by a step or handler: the way goes from a delivery to its event, from that to whoever
-- published it, from a step to its run, and from that to whoever started it. Each delivery on it counts one, whichever its
-- round; each run counts as many steps as led to the one that goes on.
CREATE OR REPLACE MACRO above_of(node_kind, run_id, event_id, causation_id) AS
    CASE node_kind WHEN 'step' THEN run_id WHEN 'delivery' THEN event_id ELSE causation_id END;
CREATE OR REPLACE MACRO gains_of(node_kind, depth) AS
    CASE node_kind WHEN 'step' THEN greatest(depth, 1) WHEN 'delivery' THEN 1 ELSE 0 END;
CREATE OR REPLACE MACRO run_name_of(node_kind, workflow) AS CASE WHEN node_kind IN ('run', 'step') THEN workflow END;
CREATE OR REPLACE MACRO channel_of(node_kind, channel) AS CASE WHEN node_kind IN ('event', 'delivery') THEN channel END;

-- What records say of the way up from some nodes, and of how much a step or delivery was given. `sought` names a table of
-- these nodes, none of whose records began before a time; stored within a stretch of time as for `records_within`. They are
-- looked for in each of the three, which reads nothing else of what lies between. A span that has arrived says which it is.
CREATE OR REPLACE MACRO ties_of(sought, from_ns, since_us, until_us) AS TABLE
    SELECT
        node_id, correlation_id, event_id, context_size, place_of(round, attempt) AS place, trace_id, span_id,
        above_of(node_kind, run_id, event_id, causation_id) AS above,
        gains_of(node_kind, depth) AS gains,
        run_name_of(node_kind, workflow) AS workflow,
        channel_of(node_kind, channel) AS channel
    FROM (
        SELECT
            node_id, node_kind, correlation_id, causation_id, run_id, event_id, depth, context_size, round, attempt, workflow,
            channel, trace_id, span_id
        FROM spans
        WHERE node_kind IN ('run', 'step', 'event', 'delivery') AND start_ns >= from_ns
            AND stored_us BETWEEN since_us AND until_us AND node_id IN (SELECT node_id FROM query_table(sought))
        UNION ALL
        SELECT
            node_id, node_kind, correlation_id, causation_id, run_id, event_id, depth, context_size, round, attempt, workflow,
            channel, trace_id, NULL
        FROM pending
        WHERE node_kind IN ('run', 'step', 'event', 'delivery') AND node_id IN (SELECT node_id FROM query_table(sought))
            AND still_runs_of(pending.trace_id, pending.parent_span_id, since_us, until_us)
        UNION ALL
        SELECT
            causation_id, 'delivery', correlation_id, event_id, run_id, event_id, depth, context_size, round, 0, workflow,
            channel, trace_id, NULL
        FROM spans
        WHERE was_never_tried(node_kind, attempts, round, causation_id) AND start_ns >= from_ns
            AND stored_us BETWEEN since_us AND until_us AND causation_id IN (SELECT node_id FROM query_table(sought))
    );
