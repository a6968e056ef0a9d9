-- Spans of others below the work of a run of ours, each with the piece of work that it lies in: a step, or a delivery of an
-- event that the run led to within its traces, which says no run.
WITH RECURSIVE own AS MATERIALIZED (
    SELECT trace_id, span_id, step, agent, attempt FROM spans WHERE run_id = $id AND node_kind <> 'span' AND stored_us BETWEEN $since_us AND $until_us
    UNION
    SELECT trace_id, parent_span_id, step, agent, attempt FROM pending WHERE run_id = $id
),
around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, node_kind <> 'span' AS is_work, step, agent, attempt FROM spans
    WHERE (node_kind = 'span' OR run_id IS NULL) AND trace_id IN (SELECT trace_id FROM own)
        AND stored_us BETWEEN $around_since_us AND $around_until_us
),
below AS (
    SELECT trace_id, span_id, true AS is_work, step, agent, attempt FROM own
    UNION
    SELECT
        around.trace_id, around.span_id, around.is_work,
        CASE WHEN around.is_work THEN around.step ELSE below.step END,
        CASE WHEN around.is_work THEN around.agent ELSE below.agent END,
        CASE WHEN around.is_work THEN around.attempt ELSE below.attempt END
    FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
)
SELECT trace_id, span_id, step, agent, attempt FROM below WHERE NOT is_work
