-- The spans of some traces under the name of all: whatever is asked from here on reads these. Each column takes as long as to
-- find the rows: there are those alone that tell calls and runs of others apart.
CREATE TEMP TABLE spans AS
SELECT
    trace_id, span_id, parent_span_id, node_id, node_kind, run_id, role, name, workflow, step, agent, operation, service,
    scope_id, session_id, user_id, start_ns, end_ns, status_code, outcome, work, stored_us
FROM spans
WHERE trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
