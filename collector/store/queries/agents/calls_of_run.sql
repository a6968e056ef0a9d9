-- Spans of others below the work of a run of ours, each with the piece of work that it lies in.
WITH RECURSIVE own AS MATERIALIZED (
    SELECT trace_id, span_id, step, agent, attempt FROM spans WHERE run_id = $id AND node_kind <> 'span'
    UNION
    SELECT trace_id, parent_span_id, step, agent, attempt FROM pending WHERE run_id = $id
),
around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id FROM spans
    WHERE node_kind = 'span' AND trace_id IN (SELECT trace_id FROM own)
),
below AS (
    SELECT trace_id, span_id, span_id AS holder FROM own
    UNION
    SELECT around.trace_id, around.span_id, below.holder
    FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
)
SELECT below.trace_id, below.span_id, own.step, own.agent, own.attempt
FROM below JOIN own ON own.trace_id = below.trace_id AND own.span_id = below.holder
WHERE below.span_id <> below.holder
