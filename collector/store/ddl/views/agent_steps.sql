-- Steps of runs of agents of others that began in a time range, one row a step, by the rules of `collector/agents/run_contents.py`
-- and `reading.py`, of which this is the same in SQL: containers right within a run, and agents at any depth. A run is what
-- nothing above plays a part in, or an agent or workflow that a tool started, or a graph within a node of another. One
-- whose calls alone tell of steps is a step itself: how its turns do is what its model does. Of several attempts at a node
-- of LangGraph the last one is the step. An agent that asks a model itself is a step beside those that work for it.
CREATE OR REPLACE MACRO is_container(role) AS coalesce(role IN ('agent', 'workflow', 'step'), false);
-- What names a model, says nothing of what it did, and may hold calls: then it is a container.
CREATE OR REPLACE MACRO is_doubtful(role, operation, work) AS
    coalesce(role = 'model' AND operation IS NULL AND NOT tells_tokens(work), false);
CREATE OR REPLACE MACRO may_be_container(role, operation, work) AS is_container(role) OR is_doubtful(role, operation, work);
-- Spans above calls of a model that began since a time.
CREATE OR REPLACE MACRO above_model(model_name, from_ns) AS TABLE
    WITH RECURSIVE above AS (
        SELECT trace_id, parent_span_id AS span_id FROM spans
        WHERE role IS NOT NULL AND start_ns >= from_ns AND model_name IN (work.model, work.response_model)
        UNION
        SELECT above.trace_id, spans.parent_span_id
        FROM above JOIN spans ON spans.trace_id = above.trace_id AND spans.span_id = above.span_id
    )
    FROM above WHERE span_id IS NOT NULL;
-- All that was stored of their traces was stored within `since_us` and `upto_us`: nothing else is read.
CREATE OR REPLACE MACRO agent_steps_between(from_ns, until_ns, since_us, upto_us) AS TABLE
    WITH RECURSIVE chosen AS MATERIALIZED (
        SELECT DISTINCT trace_id FROM spans
        WHERE start_ns >= from_ns AND start_ns < until_ns AND may_be_container(role, operation, work)
    ),
    around AS MATERIALIZED (
        SELECT
            trace_id, span_id, parent_span_id, role, start_ns, scope_id,
            is_doubtful(role, operation, work) AS is_doubtful,
            said_agent(role, operation, agent, step) AS agent, nullif(step, '') AS step, nullif(workflow, '') AS workflow,
            name, coalesce(service, '') AS service
        FROM spans_stored(since_us, upto_us) WHERE trace_id IN (FROM chosen)
    ),
    -- From each span that plays a part up through those that play none.
    lifted AS (
        SELECT trace_id, span_id, parent_span_id AS at_id FROM around WHERE role IS NOT NULL AND parent_span_id IS NOT NULL
        UNION
        SELECT lifted.trace_id, lifted.span_id, plain.parent_span_id
        FROM lifted JOIN around AS plain ON plain.trace_id = lifted.trace_id AND plain.span_id = at_id
        WHERE plain.role IS NULL AND plain.parent_span_id IS NOT NULL
    ),
    held AS MATERIALIZED (
        SELECT lifted.trace_id, lifted.span_id, at_id AS holder_id
        FROM lifted JOIN around AS holder ON holder.trace_id = lifted.trace_id AND holder.span_id = at_id
        WHERE holder.role IS NOT NULL
    ),
    -- Containers whose parent has not arrived: nodes of a graph whose own span is still to come, for one.
    orphans AS MATERIALIZED (
        SELECT trace_id, span_id, parent_span_id AS missing_id
        FROM (SELECT * FROM around WHERE is_container(role) AND parent_span_id IS NOT NULL) AS part
        ANTI JOIN (SELECT trace_id, span_id AS parent_span_id FROM around) AS above USING (trace_id, parent_span_id)
    ),
    -- What only names a model and holds calls is a step.
    holding AS (
        SELECT DISTINCT held.trace_id, holder_id AS span_id
        FROM held JOIN around USING (trace_id, span_id)
        WHERE is_container(role) OR is_paid(role)
    ),
    graphs AS (
        SELECT
            trace_id, span_id, name, step,
            keys_of(attributes) AS keys,
            graph_said(attributes, keys, 'langgraph_node') AS node,
            coalesce(graph_said(attributes, keys, 'langgraph_checkpoint_ns'), '') AS path,
            text_at(attributes, keys, 'traceloop.span.kind') AS kind,
            list_contains(keys, 'gen_ai.workflow.edges') AS tells_edges
        FROM spans_stored(since_us, upto_us) WHERE is_container(role) AND trace_id IN (FROM chosen)
    ),
    parts AS MATERIALIZED (
        SELECT
            around.trace_id, around.span_id, held.holder_id, around.start_ns, around.scope_id, agent, around.step, workflow,
            around.name, service, node, path, node IN (around.name, around.step) AS is_node,
            CASE WHEN is_doubtful AND holding.span_id IS NOT NULL THEN 'step' ELSE role END AS role,
            coalesce(kind = 'workflow', false) AS says_workflow, coalesce(tells_edges, false) AS tells_edges,
            CASE WHEN node IS NOT NULL THEN length(path) - length(replace(path, '|', '')) END AS level,
            CASE WHEN node IN (around.name, around.step) THEN orphans.missing_id END AS missing_id
        FROM around
        LEFT JOIN held USING (trace_id, span_id)
        LEFT JOIN holding USING (trace_id, span_id)
        LEFT JOIN graphs USING (trace_id, span_id)
        LEFT JOIN orphans USING (trace_id, span_id)
        WHERE role IS NOT NULL
    ),
    -- A graph within a node of another: its nodes lie deeper than it does.
    inner_graphs AS MATERIALIZED (
        SELECT DISTINCT part.trace_id, part.span_id
        FROM parts AS part JOIN parts AS below ON below.trace_id = part.trace_id AND below.holder_id = part.span_id
        WHERE below.level > part.level
    ),
    known AS MATERIALIZED (
        SELECT parts.*, inner_graphs.span_id IS NOT NULL AS is_graph, below.trace_id IS NOT NULL AS is_holding
        FROM parts
        LEFT JOIN inner_graphs USING (trace_id, span_id)
        LEFT JOIN (SELECT DISTINCT trace_id, holder_id AS span_id FROM held) AS below USING (trace_id, span_id)
    ),
    -- Downwards: in which run each lies (`run_id`, the id of its topmost span), and in which container of that.
    walked AS (
        SELECT
            trace_id, span_id, role, is_node, run_id, within_id, step_id, is_step, in_tool, agent
        FROM (
            SELECT
                *, coalesce(missing_id, span_id) AS run_id, coalesce(missing_id, span_id) AS within_id,
                span_id AS step_id, missing_id IS NOT NULL AS is_step, false AS in_tool
            FROM known WHERE holder_id IS NULL
        )
        UNION ALL
        SELECT
            trace_id, span_id, role, is_node,
            CASE WHEN is_run THEN span_id ELSE run_id END,
            CASE WHEN is_run THEN span_id ELSE within_id END,
            CASE WHEN is_run OR is_step THEN span_id ELSE within_id END,
            NOT is_run AND is_step,
            NOT is_run AND in_tool,
            agent
        FROM (
            SELECT
                below.trace_id, below.span_id, below.role, below.is_node, above.run_id, above.step_id AS within_id,
                above.in_tool OR above.role = 'tool' AND above.span_id <> above.run_id AS in_tool,
                coalesce(below.agent, above.agent) AS agent,
                (is_whole(below.role) AND (above.in_tool OR above.role = 'tool' AND above.span_id <> above.run_id))
                OR (
                    below.is_graph
                    AND (above.step_id <> above.run_id OR above.in_tool OR above.role = 'tool' AND above.span_id <> above.run_id)
                ) AS is_run,
                is_container(below.role) AND (above.step_id = above.run_id OR below.role = 'agent')
                AND NOT (below.tells_edges AND NOT below.is_holding)
                AND NOT (
                    above.span_id = above.run_id AND is_whole(above.role)
                    AND (below.role = 'workflow' OR (is_whole(below.role) AND below.says_workflow))
                ) AS is_step
            FROM walked AS above JOIN known AS below
                ON below.trace_id = above.trace_id AND below.holder_id = above.span_id
        )
    ),
    placed AS MATERIALIZED (FROM walked),
    calling AS (
        SELECT trace_id, step_id, bool_or(role = 'model') AS asks FROM placed WHERE is_detail(role) GROUP BY ALL
    ),
    -- What does no more than hold agents, or tell of one that another instrumentation tells of within.
    frames AS (
        SELECT outside.trace_id, outside.span_id
        FROM placed AS outside
        JOIN placed AS inside
            ON inside.trace_id = outside.trace_id AND inside.within_id = outside.span_id AND inside.is_step
            AND inside.role = 'agent' AND inside.span_id <> outside.span_id
        JOIN known AS frame ON frame.trace_id = outside.trace_id AND frame.span_id = outside.span_id
        JOIN known AS held_agent ON held_agent.trace_id = inside.trace_id AND held_agent.span_id = inside.span_id
        WHERE outside.is_step AND NOT EXISTS (
            FROM calling WHERE calling.trace_id = outside.trace_id AND calling.step_id = outside.span_id
        )
        GROUP BY ALL
        HAVING any_value(outside.role) <> 'agent'
            OR bool_and(frame.agent IS NOT DISTINCT FROM held_agent.agent AND frame.scope_id <> held_agent.scope_id)
    ),
    steps AS (
        SELECT placed.*, any_value(CASE WHEN is_node THEN true END) OVER (PARTITION BY trace_id, run_id) AS has_nodes
        FROM placed ANTI JOIN frames USING (trace_id, span_id)
        WHERE is_step
    ),
    told AS (
        SELECT trace_id, span_id, run_id, agent FROM steps WHERE is_node OR has_nodes IS NULL
        UNION ALL
        SELECT trace_id, span_id, run_id, agent FROM placed
        WHERE span_id = run_id AND is_container(role) AND (
            (trace_id, run_id) NOT IN (SELECT (trace_id, run_id) FROM steps)
            OR role = 'agent' AND (trace_id, span_id) IN (SELECT (trace_id, step_id) FROM calling WHERE asks)
        )
    ),
    named AS (
        SELECT
            told.trace_id, told.span_id, told.run_id, part.start_ns, part.service,
            CASE
                WHEN top.span_id IS NULL THEN 'LangGraph'
                WHEN top.role = 'step' THEN coalesce(top.step, top.workflow, top.agent, top.name)
                WHEN is_whole(top.role) THEN coalesce(top.workflow, top.agent, top.name)
                ELSE coalesce(top.step, top.name)
            END AS run_name,
            CASE
                WHEN told.span_id = told.run_id THEN coalesce(
                    CASE WHEN part.role = 'agent' THEN part.agent END, CASE WHEN part.role = 'step' THEN part.step END, run_name
                )
                WHEN is_whole(part.role) AND part.workflow = top.workflow THEN coalesce(part.agent, part.step, part.name)
                WHEN is_whole(part.role) THEN
                    coalesce(CASE WHEN part.role = 'agent' THEN part.agent END, part.workflow, part.agent, part.name)
                ELSE coalesce(part.step, part.name)
            END AS step_name,
            coalesce(told.agent, part.service) AS agent_name,
            CASE WHEN part.is_node AND part.path <> '' THEN part.node || chr(31) || part.path END AS task
        FROM told
        JOIN known AS part ON part.trace_id = told.trace_id AND part.span_id = told.span_id
        LEFT JOIN known AS top ON top.trace_id = told.trace_id AND top.span_id = told.run_id
    ),
    tried AS (
        SELECT
            *,
            count(*) OVER (PARTITION BY trace_id, run_id, task, CASE WHEN task IS NULL THEN span_id END) AS attempts,
            row_number() OVER (
                PARTITION BY trace_id, run_id, task, CASE WHEN task IS NULL THEN span_id END ORDER BY start_ns DESC, span_id DESC
            ) AS place
        FROM named
    )
    SELECT
        trace_id, span_id, spans.node_id, 'step' AS kind, run_name AS workflow, step_name AS step, agent_name AS agent,
        tried.service AS service, spans.start_ns, spans.end_ns, tried.attempts, place = 1 AS is_last,
        CASE
            WHEN has_failed(node_kind, status_code, outcome) THEN 'failed'
            WHEN end_ns IS NOT NULL THEN coalesce(outcome, 'ok')
        END AS outcome,
        spans.scope_id
    FROM tried JOIN spans USING (trace_id, span_id)
    WHERE spans.start_ns >= from_ns AND spans.start_ns < until_ns;
