-- Little of each span of some traces: what says which are runs of others, and which say nothing that a list shows; and
-- whether it is called so, as a run.
SELECT
    rowid AS place, trace_id, span_id, parent_span_id, node_id, node_kind, role, start_ns, end_ns, stored_us,
    can_be_run(operation) AS can_be_run, has_failed(node_kind, status_code, outcome) AS is_failed,
    --[$workflow
    coalesce(run_called(role, operation, workflow, agent, step, name) = $workflow, false) AS is_called,
    --]
    session_id IS NULL AND user_id IS NULL AND outcome IS NULL AS is_silent,
    role = 'tool' AND scope_id IN (SELECT scope_id FROM scopes WHERE name = 'causeline') AS is_recorded_call
FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
