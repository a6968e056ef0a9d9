-- The newest spans of a range of time that may be runs of others as far as that range tells, by their traces, in the order in
-- which `agents/runs.sql` lists them: what lies elsewhere may say that some are none. Of the traces in the table `found`
-- alone, where that is asked.
SELECT trace_id AS id, start_ns
FROM spans AS top
WHERE node_kind = 'span' AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
    AND (start_ns, node_id) < ($before_ns::BIGINT, $before_id::UUID)
    AND (role IS NOT NULL OR parent_span_id IS NULL AND can_be_run(operation))
    --[$is_found
    AND trace_id IN (SELECT CAST(id AS UUID) FROM found)
    --]
    --[$workflow
    AND run_called(role, operation, workflow, agent, step, name) = $workflow
    --]
    AND ($failed IS NULL OR has_failed(node_kind, status_code, outcome) = $failed)
    AND ($running IS NULL OR (end_ns IS NULL) = $running)
    AND CASE
        WHEN role IS NOT NULL THEN NOT is_in_ours(top.trace_id, top.parent_span_id, top.scope_id, top.role) AND NOT EXISTS (
            SELECT 1 FROM spans AS parent
            WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id
                AND parent.start_ns >= $first_ns AND parent.start_ns < $end_ns
                AND parent.span_id <> top.span_id AND parent.parent_span_id IS DISTINCT FROM top.span_id
                AND (
                    parent.role IS NOT NULL OR parent.node_kind = 'step'
                    OR (is_detail(top.role) AND parent.node_kind <> 'span')
                )
        )
        ELSE NOT EXISTS (
            SELECT 1 FROM spans AS other
            WHERE other.trace_id = top.trace_id AND (other.role IS NOT NULL OR other.node_kind <> 'span')
                AND other.start_ns >= $first_ns AND other.start_ns < $end_ns
        )
    END
ORDER BY start_ns DESC, node_id DESC
LIMIT $most
