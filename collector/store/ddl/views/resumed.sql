-- What LangGraph tells of a span, whichever instrumentation passes it on.
CREATE OR REPLACE MACRO graph_said(attributes, keys, name) AS coalesce(
    text_at(attributes, keys, 'traceloop.association.properties.' || name),
    text_at(attributes, keys, 'langsmith.metadata.' || name),
    CASE WHEN json_valid(text_at(attributes, keys, 'metadata'))
        THEN json_extract_string(text_at(attributes, keys, 'metadata'), '$.' || name) END
);

-- Runs of agents of others that go on where an earlier one waited for a person: LangGraph, and who calls tools that somebody
-- must approve, begin a trace of their own then. Each by its topmost span, with what waited: in a run before in the same
-- session, the last of its name, which no run between has taken up. Where both say which task of which checkpoint, or which
-- call of a tool, they are, it is the same. Our reading, which no sender claims.
CREATE OR REPLACE MACRO task_said(attributes, keys) AS coalesce(
    graph_said(attributes, keys, 'langgraph_checkpoint_ns'), text_at(attributes, keys, 'gen_ai.tool.call.id')
);
CREATE OR REPLACE VIEW resumed_runs AS
WITH waits AS MATERIALIZED (
    SELECT
        trace_id, node_id, name, service, start_ns,
        task_said(attributes, keys_of(attributes)) AS task
    FROM spans
    WHERE outcome = 'waiting' AND role IN ('step', 'tool')
),
threads AS MATERIALIZED (
    SELECT DISTINCT trace_id, session_id FROM spans
    WHERE session_id IS NOT NULL AND trace_id IN (SELECT trace_id FROM waits)
),
again AS (
    SELECT
        waits.node_id AS cause, waits.start_ns AS waited_ns, spans.trace_id, min(spans.start_ns) AS start_ns
    FROM waits
    JOIN threads USING (trace_id)
    JOIN (SELECT DISTINCT trace_id, session_id FROM spans WHERE session_id IN (SELECT session_id FROM threads)) AS later
        ON later.session_id = threads.session_id AND later.trace_id <> waits.trace_id
    JOIN spans
        ON spans.trace_id = later.trace_id AND spans.name = waits.name AND spans.role IN ('step', 'tool')
        AND spans.service IS NOT DISTINCT FROM waits.service AND spans.start_ns > waits.start_ns
    WHERE coalesce(
        waits.task = task_said(spans.attributes, keys_of(spans.attributes)), true
    )
    GROUP BY waits.node_id, waits.start_ns, spans.trace_id
),
next AS (
    SELECT trace_id, arg_max(cause, (waited_ns, cause)) AS cause
    FROM (FROM again QUALIFY row_number() OVER (PARTITION BY cause ORDER BY start_ns, trace_id) = 1)
    GROUP BY trace_id
)
SELECT spans.trace_id, arg_min(spans.node_id, (spans.start_ns, spans.span_id)) AS node_id, any_value(cause) AS cause
FROM next JOIN spans ON spans.trace_id = next.trace_id AND spans.role IS NOT NULL
GROUP BY spans.trace_id;

-- Nodes of a graph that each came as a trace of their own, as an instrumentation of LangChain sends those of one that runs
-- asynchronously, with what ran in the superstep before in the same thread. Our reading as well.
CREATE OR REPLACE VIEW split_nodes AS
WITH nodes AS MATERIALIZED (
    SELECT
        trace_id, node_id, session_id, service, start_ns, end_ns,
        CAST(double_at(attributes, keys_of(attributes), 'traceloop.association.properties.langgraph_step') AS BIGINT) AS place
    FROM spans
    WHERE role = 'step' AND parent_span_id IS NULL AND operation = 'execute_task' AND session_id IS NOT NULL
)
SELECT after.trace_id, after.node_id, before.node_id AS cause
FROM nodes AS after JOIN nodes AS before
    ON before.session_id = after.session_id AND before.service IS NOT DISTINCT FROM after.service
    AND before.place = after.place - 1 AND before.end_ns <= after.start_ns AND before.trace_id <> after.trace_id
-- Where a thread has run several times, of its latest run: since then no other node ran that comes no later in the graph.
WHERE NOT EXISTS (
    FROM nodes AS between_them
    WHERE between_them.session_id = before.session_id AND between_them.place <= before.place
        AND between_them.start_ns >= before.end_ns AND between_them.start_ns < after.start_ns
);

-- Whatever goes on in one trace what began in another.
CREATE OR REPLACE VIEW continued AS
FROM resumed_runs UNION ALL BY NAME FROM split_nodes;
