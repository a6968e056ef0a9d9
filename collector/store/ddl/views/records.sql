-- Whether the span has not arrived of whose work a marker tells. Whoever asks says of which table the columns are: without
-- it they would be those of `spans`.
CREATE OR REPLACE MACRO still_runs(trace, span) AS NOT EXISTS (
    SELECT 1 FROM spans WHERE spans.trace_id = trace AND spans.span_id = span
);
-- The same, where all spans of the trace were stored within a stretch of time.
CREATE OR REPLACE MACRO still_runs_of(trace, span, since_us, until_us) AS NOT EXISTS (
    SELECT 1 FROM spans
    WHERE spans.trace_id = trace AND spans.span_id = span AND spans.stored_us BETWEEN since_us AND until_us
);
-- Whether a dead letter is of a delivery that gave up before any attempt: that has no span of its own.
CREATE OR REPLACE MACRO was_never_tried(node_kind, attempts, round, causation_id) AS
    node_kind = 'dead_letter' AND attempts = 0 AND coalesce(round, 0) = 0 AND causation_id IS NOT NULL;

-- Spans, and markers of work whose span has not arrived yet; `running` tells them apart. Of a delivery that gave up before
-- any attempt its dead letter tells, as attempt 0. Who looks for what was stored within a stretch of time asks for
-- `running OR stored_us BETWEEN ...`: markers are few, and have no such time.
CREATE OR REPLACE VIEW records AS
SELECT *, false AS running FROM spans
UNION ALL BY NAME
SELECT *, true AS running FROM pending WHERE still_runs(pending.trace_id, pending.parent_span_id)
UNION ALL BY NAME
SELECT
    * REPLACE (
        causation_id AS node_id, 'delivery' AS node_kind, event_id AS causation_id, 0 AS attempt,
        'dead_letter' AS outcome
    ),
    false AS running
FROM spans
WHERE was_never_tried(node_kind, attempts, round, causation_id);

-- The same of what was stored within a stretch of time in which all was that tells of some traces, or of some nodes: whoever
-- asks keeps to these. Whether the work of a marker has arrived, which is of its trace and of its node, is looked for there
-- alone; among all spans that takes 40 ms at ten million, in each statement, as soon as there are any markers.
CREATE OR REPLACE MACRO records_within(since_us, until_us) AS TABLE
    SELECT *, false AS running FROM spans WHERE stored_us BETWEEN since_us AND until_us
    UNION ALL BY NAME
    SELECT *, true AS running FROM pending
    WHERE still_runs_of(pending.trace_id, pending.parent_span_id, since_us, until_us)
    UNION ALL BY NAME
    SELECT
        * REPLACE (
            causation_id AS node_id, 'delivery' AS node_kind, event_id AS causation_id, 0 AS attempt,
            'dead_letter' AS outcome
        ),
        false AS running
    FROM spans
    WHERE was_never_tried(node_kind, attempts, round, causation_id) AND stored_us BETWEEN since_us AND until_us;

-- What of records says which nodes there are, and what they name as causes. Its columns are named: to bind all that a span
-- has takes as long as most questions about causes.
CREATE OR REPLACE MACRO told_nodes_within(since_us, until_us) AS TABLE
    SELECT trace_id, node_id, node_kind, causation_id, event_id, causes, kind, role, start_ns, false AS running
    FROM spans WHERE stored_us BETWEEN since_us AND until_us
    UNION ALL
    SELECT trace_id, node_id, node_kind, causation_id, event_id, causes, kind, role, start_ns, true FROM pending
    WHERE still_runs_of(pending.trace_id, pending.parent_span_id, since_us, until_us)
    UNION ALL
    SELECT trace_id, causation_id, 'delivery', event_id, event_id, causes, kind, role, start_ns, false FROM spans
    WHERE was_never_tried(node_kind, attempts, round, causation_id) AND stored_us BETWEEN since_us AND until_us;

-- Records with what says how steps and deliveries stand (`collector/causality/tries.py`), and no other columns; also markers of
-- work that has arrived, which whoever asks leaves out (`markers.py`): to look for what few of them name takes less there.
CREATE OR REPLACE VIEW work_records AS
SELECT
    trace_id, node_id, node_kind, run_id, event_id, service, step, step_place, consumer_group, round, attempt, outcome,
    start_ns, parent_span_id, stored_us, false AS running
FROM spans
UNION ALL
SELECT
    trace_id, node_id, node_kind, run_id, event_id, service, step, step_place, consumer_group, round, attempt, outcome,
    start_ns, parent_span_id, NULL, true
FROM pending
UNION ALL
SELECT
    trace_id, causation_id, 'delivery', run_id, event_id, service, step, step_place, consumer_group, round, 0, 'dead_letter',
    start_ns, parent_span_id, stored_us, false
FROM spans
WHERE was_never_tried(node_kind, attempts, round, causation_id);

-- The order of a node's attempts.
CREATE OR REPLACE MACRO place_of(round, attempt) AS coalesce(round, 0) * 1000000 + coalesce(attempt, 0);

-- Whether an attempt can decide how its node stands: a stale one no longer owned the work, a duplicate found it done,
-- and a marker has not ended.
CREATE OR REPLACE MACRO can_decide(running, outcome) AS
    coalesce(NOT running AND outcome NOT IN ('stale', 'duplicate'), false);

-- Whether an attempt that ended so has run code of its step or group: what its condition skipped has not, nor what its successor does, nor what spread
-- the items of a fan-out, or gathered what they made, nor where the event had expired. It is in no figure of its step: what counts of a fan-out are its items.
CREATE OR REPLACE MACRO has_worked(outcome) AS coalesce(outcome NOT IN ('skipped', 'moved', 'spread', 'gathered', 'expired'), true);

-- The step whose figures a record is in: undos have their own.
CREATE OR REPLACE MACRO counted_step(step, step_place) AS
    CASE WHEN starts_with(step_place, '~') THEN 'undo of ' || step ELSE step END;

-- Records without attributes and payload: what nodes are built from, of what was stored within a stretch of time as for
-- `records_within`; by that, and without naming columns, it takes half as long again.
CREATE OR REPLACE MACRO node_records_within(since_us, until_us) AS TABLE
    SELECT *, place_of(round, attempt) AS place, can_decide(running, outcome) AS decides
    FROM (
        SELECT
            trace_id, span_id, name, start_ns, end_ns, status_code, status_message, service, node_id, node_kind,
            causation_id, correlation_id, run_id, workflow, step, step_place, channel, consumer_group, event_id, subject,
            attempt, round, outcome, reason, dead_letter_id, agent, error_type, false AS running
        FROM spans WHERE stored_us BETWEEN since_us AND until_us
        UNION ALL
        SELECT
            trace_id, span_id, name, start_ns, end_ns, status_code, status_message, service, node_id, node_kind,
            causation_id, correlation_id, run_id, workflow, step, step_place, channel, consumer_group, event_id, subject,
            attempt, round, outcome, reason, dead_letter_id, agent, error_type, true
        FROM pending WHERE still_runs_of(pending.trace_id, pending.parent_span_id, since_us, until_us)
        UNION ALL
        SELECT
            trace_id, span_id, name, start_ns, end_ns, status_code, status_message, service, causation_id, 'delivery',
            event_id, correlation_id, run_id, workflow, step, step_place, channel, consumer_group, event_id, subject,
            0, round, 'dead_letter', reason, dead_letter_id, agent, error_type, false
        FROM spans
        WHERE was_never_tried(node_kind, attempts, round, causation_id) AND stored_us BETWEEN since_us AND until_us
    );
