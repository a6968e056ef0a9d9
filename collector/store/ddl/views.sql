-- What follows from the tables at the time of asking. Replaced whenever a database is opened.

-- Spans, and markers of work whose span has not arrived yet; `running` tells them apart.
CREATE OR REPLACE VIEW records AS
SELECT *, false AS running FROM spans
UNION ALL BY NAME
SELECT *, true AS running FROM pending
WHERE NOT EXISTS (
    SELECT 1 FROM spans WHERE spans.trace_id = pending.trace_id AND spans.span_id = pending.parent_span_id
);

-- Every reason to believe that one node caused another. `trace_id` is the effect's, `cause_trace_id` the cause's where
-- a link or the span tree leads there. A link or a parent speaks only for a span that declares no cause itself: a
-- delivery of a second round is linked to the publish, and was caused by the replay alone.
CREATE OR REPLACE VIEW edge_claims AS
WITH silent AS (
    SELECT * FROM spans WHERE causation_id IS NULL AND coalesce(len(causes), 0) = 0
),
claims AS (
    SELECT unnest(causes) AS cause, node_id AS effect, 'declared' AS evidence, trace_id, NULL::UUID AS cause_trace_id
    FROM records
    WHERE node_kind = 'step' AND len(causes) > 0
    UNION ALL
    SELECT causation_id, node_id, 'declared', trace_id, NULL
    FROM records
    WHERE causation_id IS NOT NULL AND (node_kind <> 'step' OR coalesce(len(causes), 0) = 0)
    UNION ALL
    SELECT
        coalesce(linked.node_id, foreign_node(span_identity(l.linked_trace_id, l.linked_span_id))),
        silent.node_id,
        'linked',
        silent.trace_id,
        l.linked_trace_id
    FROM silent
    JOIN span_links AS l USING (trace_id, span_id)
    LEFT JOIN spans AS linked ON linked.trace_id = l.linked_trace_id AND linked.span_id = l.linked_span_id
    WHERE l.linked_trace_id IS NOT NULL AND l.linked_span_id IS NOT NULL
    UNION ALL
    SELECT parent.node_id, silent.node_id, 'parent', silent.trace_id, silent.trace_id
    FROM silent
    JOIN spans AS parent ON parent.trace_id = silent.trace_id AND parent.span_id = silent.parent_span_id
)
SELECT * FROM claims WHERE cause <> effect;

-- One row a cause and its effect, with the strongest evidence.
CREATE OR REPLACE VIEW edges AS
SELECT
    cause,
    effect,
    arg_min(evidence, list_position(['declared', 'linked', 'parent'], evidence)) AS evidence
FROM edge_claims
GROUP BY cause, effect;

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

-- Runs; without an outcome they still go on.
CREATE OR REPLACE VIEW runs AS
SELECT
    node_id AS run_id,
    coalesce(any_value(workflow), '') AS workflow,
    any_value(service) AS service,
    min(start_ns) AS start_ns,
    max(end_ns) FILTER (WHERE outcome IS NOT NULL) AS end_ns,
    any_value(outcome) AS outcome,
    any_value(subject) AS subject,
    any_value(correlation_id) AS correlation_id,
    coalesce(any_value(input_keys), []) AS input_keys
FROM spans
WHERE node_kind = 'run'
GROUP BY node_id;

-- Events: published, or known only because a group received them.
CREATE OR REPLACE VIEW events AS
WITH published AS (
    SELECT
        node_id AS event_id,
        any_value(channel) AS channel,
        min(start_ns) AS start_ns,
        any_value(event_source) AS source,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id,
        any_value(causation_id) AS causation_id,
        any_value(payload) AS payload
    FROM spans
    WHERE node_kind = 'event'
    GROUP BY node_id
),
received AS (
    SELECT
        event_id,
        any_value(channel) AS channel,
        min(start_ns) AS start_ns,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id
    FROM spans
    WHERE node_kind = 'delivery' AND event_id IS NOT NULL
    GROUP BY event_id
)
SELECT * FROM published
UNION ALL BY NAME
SELECT * FROM received ANTI JOIN published USING (event_id);

-- Dead letters as spans tell of them; what became of each. The live bus knows better, this is history.
CREATE OR REPLACE VIEW dead_letters AS
WITH settled AS (
    SELECT dead_letter_id, arg_min(node_kind, start_ns) AS settled_by, arg_min(operator, start_ns) AS operator
    FROM spans
    WHERE node_kind IN ('replay', 'discard') AND dead_letter_id IS NOT NULL
    GROUP BY dead_letter_id
),
letters AS (
    SELECT
        node_id AS dead_letter_id,
        any_value(channel) AS channel,
        any_value(consumer_group) AS consumer_group,
        any_value(event_id) AS event_id,
        any_value(round) AS round,
        any_value(reason) AS reason,
        any_value(attempts) AS attempts,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id,
        any_value(causation_id) AS delivery_id,
        min(start_ns) AS start_ns
    FROM spans
    WHERE node_kind = 'dead_letter'
    GROUP BY node_id
)
SELECT letters.*, settled.settled_by, settled.operator
FROM letters LEFT JOIN settled USING (dead_letter_id);

-- Scores, each with the node and attempt that it judges.
CREATE OR REPLACE VIEW evaluations AS
SELECT
    s.node_id,
    s.node_kind,
    s.attempt,
    s.round,
    coalesce(text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.name'), '') AS name,
    double_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.value') AS score,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.label') AS label,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.explanation') AS explanation,
    coalesce(TRY_CAST(e.time_ns AS BIGINT), s.end_ns) AS time_ns
FROM span_events AS e
JOIN spans AS s USING (trace_id, span_id)
WHERE e.name = 'gen_ai.evaluation.result';

-- The score that counts: the newest of a node under a name.
CREATE OR REPLACE VIEW verdicts AS
SELECT node_id, name, any_value(node_kind) AS node_kind, arg_max(score, (coalesce(attempt, 0), time_ns)) AS score
FROM evaluations
WHERE isfinite(score)
GROUP BY node_id, name;

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
