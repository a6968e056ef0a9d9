-- Whether a span that plays no part can be the root of a run: to make an agent or its thread is not to run it.
CREATE OR REPLACE MACRO can_be_run(operation) AS
    coalesce(operation, '') NOT IN ('create_agent', 'create_thread', 'create_message', 'list_messages');

CREATE OR REPLACE MACRO is_whole(role) AS coalesce(role IN ('agent', 'workflow'), false);
-- The name that a span says of the agent that it is of.
CREATE OR REPLACE MACRO said_agent(role, operation, agent, step) AS
    coalesce(nullif(agent, ''), CASE WHEN role = 'agent' AND lower(operation) = 'agent' THEN nullif(step, '') END);
-- What a run of others is called after its topmost span, as `collector/agents/reading.py` reads it.
CREATE OR REPLACE MACRO run_called(role, operation, workflow, agent, step, name) AS
    CASE
        WHEN is_whole(role) THEN coalesce(nullif(workflow, ''), said_agent(role, operation, agent, step), name)
        WHEN role = 'step' THEN coalesce(nullif(step, ''), nullif(workflow, ''), nullif(agent, ''), name)
        ELSE coalesce(nullif(step, ''), name)
    END;
-- Whether a span is of an agent's work; where nobody says whose work it is, it is in the lane of its service.
CREATE OR REPLACE MACRO is_work_of(wanted, role, operation, agent, step, service) AS
    agent = wanted OR coalesce(said_agent(role, operation, agent, step), service) = wanted;
-- Whether a span is a call of a model, or was answered by it.
CREATE OR REPLACE MACRO is_call_of(wanted, role, work) AS
    role IS NOT NULL AND wanted IN (work.model, work.response_model);

-- Whether a span may be the topmost one of a run of others.
CREATE OR REPLACE MACRO may_be_top(role, node_kind, parent_span_id, operation) AS
    role IS NOT NULL OR (node_kind = 'span' AND parent_span_id IS NULL AND can_be_run(operation));

-- Runs of others, as they are listed: the topmost spans that play a part in an agent's work, and roots of traces in which no
-- span plays one, nor is ours. Those within a step of ours are told there; calls within other work of ours belong to that.
CREATE OR REPLACE MACRO holds_run(role, node_kind, is_call) AS
    role IS NOT NULL OR node_kind = 'step' OR (is_call AND node_kind <> 'span');
CREATE OR REPLACE MACRO is_recorded_call(of_scope, of_role) AS (
    of_role = 'tool' AND of_scope IN (SELECT ours.scope_id FROM scopes AS ours WHERE ours.name = 'causeline')
);
-- Whether a span is a recorded call of ours, or lies right below work of ours that goes on: then it is no run, also as long
-- as the span of that work has not come. One whose worker was killed never does.
CREATE OR REPLACE MACRO is_in_ours(of_trace, below, of_scope, of_role) AS (
    is_recorded_call(of_scope, of_role)
    OR (of_trace, below) IN (SELECT (open.trace_id, open.parent_span_id) FROM pending AS open)
);
-- Spans that were stored within a stretch of time.
CREATE OR REPLACE MACRO spans_stored(since_us, upto_us) AS TABLE
    SELECT * FROM spans WHERE stored_us BETWEEN since_us AND upto_us;
-- Those of which the topmost span meets a condition, with what lies right above it: whoever asks leaves out what lies below
-- work of ours that goes on, as `pending` has it. Rules look at whole traces; `near` is a condition that all of their spans
-- meet, such as when they were stored, by which all others are left out.
CREATE OR REPLACE MACRO tops_where(condition, near) AS TABLE
    WITH RECURSIVE tops AS MATERIALIZED (
        SELECT
            trace_id, span_id, parent_span_id, is_detail(role) AS is_call, start_ns, end_ns,
            has_failed(node_kind, status_code, outcome) AS is_failed
        FROM spans AS top
        WHERE role IS NOT NULL AND condition AND near AND NOT is_recorded_call(top.scope_id, top.role)
            AND NOT EXISTS (
                SELECT 1 FROM (SELECT trace_id, parent_span_id, scope_id, role FROM spans WHERE near) AS beside
                WHERE beside.trace_id = top.trace_id AND beside.parent_span_id = top.parent_span_id
                    AND is_recorded_call(beside.scope_id, beside.role)
            )
            AND NOT EXISTS (
                SELECT 1 FROM (SELECT trace_id, span_id, parent_span_id, role, node_kind FROM spans WHERE near) AS parent
                WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id
                    AND parent.span_id <> top.span_id AND parent.parent_span_id IS DISTINCT FROM top.span_id
                    AND holds_run(parent.role, parent.node_kind, is_detail(top.role))
            )
    ),
    -- Up through spans that play no part.
    climbing AS (
        SELECT trace_id, span_id, parent_span_id AS at_id, is_call FROM tops WHERE parent_span_id IS NOT NULL
        UNION
        SELECT climbing.trace_id, climbing.span_id, above.parent_span_id, climbing.is_call
        FROM climbing JOIN (
            SELECT trace_id, span_id, parent_span_id FROM spans
            WHERE near AND role IS NULL AND node_kind <> 'step' AND parent_span_id IS NOT NULL
        ) AS above ON above.trace_id = climbing.trace_id AND above.span_id = at_id
    ),
    nested AS (
        SELECT climbing.trace_id, climbing.span_id
        FROM climbing JOIN (SELECT trace_id, span_id, role, node_kind FROM spans WHERE near) AS above
            ON above.trace_id = climbing.trace_id AND above.span_id = at_id
        WHERE holds_run(above.role, above.node_kind, climbing.is_call) AND above.span_id <> climbing.span_id
    ),
    plain AS MATERIALIZED (
        SELECT trace_id, start_ns, end_ns, has_failed(node_kind, status_code, outcome) AS is_failed
        FROM spans
        WHERE node_kind = 'span' AND role IS NULL AND parent_span_id IS NULL AND can_be_run(operation) AND condition
            AND near
    ),
    found AS MATERIALIZED (FROM tops ANTI JOIN nested USING (trace_id, span_id)),
    -- Nodes of a graph of LangGraph whose own span has not come are one run, which goes on: that of the first of them, by
    -- the rule of `collector/agents/rootless.py`.
    missing AS MATERIALIZED (
        SELECT DISTINCT trace_id, parent_span_id FROM found
        ANTI JOIN (
            SELECT trace_id, span_id AS parent_span_id FROM spans WHERE near AND trace_id IN (SELECT trace_id FROM found)
        ) USING (trace_id, parent_span_id)
        WHERE parent_span_id IS NOT NULL
    ),
    graphs AS MATERIALIZED (
        SELECT trace_id, parent_span_id, arg_min(span_id, (start_ns, span_id)) AS first_id
        FROM (
            SELECT trace_id, span_id, parent_span_id, start_ns, name, step, attributes FROM spans
            WHERE near AND role IS NOT NULL AND trace_id IN (SELECT trace_id FROM missing)
        ) JOIN missing USING (trace_id, parent_span_id)
        GROUP BY ALL
        HAVING bool_or(coalesce(
            graph_said(attributes, keys_of(attributes), 'langgraph_node') IN (name, step)
            AND TRY_CAST(graph_said(attributes, keys_of(attributes), 'langgraph_step') AS DOUBLE) IS NOT NULL,
            false
        ))
    )
    SELECT
        trace_id,
        parent_span_id,
        start_ns,
        CASE WHEN first_id IS NULL THEN end_ns END AS end_ns,
        first_id IS NULL AND is_failed AS is_failed
    FROM found LEFT JOIN graphs USING (trace_id, parent_span_id)
    WHERE first_id IS NULL OR first_id = span_id
    UNION ALL
    SELECT trace_id, NULL, start_ns, end_ns, is_failed
    FROM plain ANTI JOIN (
        SELECT trace_id FROM spans
        WHERE near AND trace_id IN (SELECT trace_id FROM plain) AND (role IS NOT NULL OR node_kind <> 'span')
    ) USING (trace_id);
-- Those of a table that is named which began in a range of time, and do not lie right below work of ours that goes on.
CREATE OR REPLACE MACRO tops_of(found, from_ns, until_ns) AS TABLE
    SELECT start_ns, end_ns, is_failed
    FROM query_table(found) AS top ANTI JOIN (
        SELECT CAST(open.trace_id AS BLOB) AS trace_id, open.parent_span_id FROM pending AS open
    ) USING (trace_id, parent_span_id)
    WHERE start_ns >= from_ns AND start_ns < until_ns;
