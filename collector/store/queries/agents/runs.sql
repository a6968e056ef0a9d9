-- A page of candidates for runs of others: spans that play a part in an agent's work right below none that does, and roots
-- of traces in which no span plays one, nor is ours; to make an agent or its thread is not to run it. A span that lies
-- deeper below one that plays a part is told apart by `is_nested`: that walk is made for the page alone. A call of a model,
-- or of a tool, within a step or handler of ours belongs to that; an agent within a step is a run that our run started, and
-- told there. Spans that are each other's parents, as no sound program sends, have none. Where it is known among which traces
-- to look, and when all of these were stored, nothing else is read.
WITH RECURSIVE tops AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, node_id, start_ns, role
    FROM spans AS top
    WHERE node_kind = 'span' AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
        AND (start_ns, node_id) < ($before_ns::BIGINT, $before_id::UUID)
        AND stored_us BETWEEN $since_us AND $until_us
        --[$among
        AND trace_id IN (SELECT unnest($among))
        --]
        --[$is_found
        AND trace_id IN (SELECT CAST(id AS UUID) FROM found)
        --]
        AND (
            role IS NOT NULL
            OR parent_span_id IS NULL AND can_be_run(operation)
        )
        --[$app
        AND trace_id IN (SELECT trace_id FROM spans WHERE service = $app AND stored_us BETWEEN $since_us AND $until_us)
        --]
        --[$workflow
        AND run_called(role, operation, workflow, agent, step, name) = $workflow
        --]
        AND ($failed IS NULL OR has_failed(node_kind, status_code, outcome) = $failed)
        AND ($running IS NULL OR (end_ns IS NULL) = $running)
        --[$waiting
        AND trace_id IN (
            SELECT trace_id FROM spans WHERE $waiting AND outcome = 'waiting' AND stored_us BETWEEN $since_us AND $until_us
        )
        --]
        -- A name may look like an id: either will do.
        --[$pattern
        AND (
            says(
                concat_ws(chr(10), name, workflow, agent, service, session_id, user_id, subject, error_type, status_message),
                $literal, $pattern
            ) OR trace_id IN (
                SELECT trace_id FROM spans
                WHERE role IS NOT NULL AND stored_us BETWEEN $since_us AND $until_us
                    AND says(concat_ws(chr(10), name, step, agent, work.model, work.tool), $literal, $pattern)
            )
            OR trace_id IN (SELECT unnest($ids)) OR list_contains($halves, right(CAST(trace_id AS VARCHAR), 17))
            OR trace_id IN (
                SELECT trace_id FROM spans
                WHERE (node_id IN (SELECT unnest($ids)) OR list_contains($span_ids, span_id))
                    AND stored_us BETWEEN $since_us AND $until_us
            )
        )
        --]
        --[$session
        AND node_id IN (
            SELECT run_id FROM runs_of_sessions_near(session_id = $session, stored_us BETWEEN $since_us AND $until_us)
            WHERE session_id = $session
        )
        --]
        --[$model
        AND trace_id IN (
            SELECT trace_id FROM spans
            WHERE is_call_of($model, role, work) AND stored_us BETWEEN $since_us AND $until_us
        )
        --]
        --[$agent
        AND trace_id IN (
            SELECT trace_id FROM spans
            WHERE is_work_of($agent, role, operation, agent, step, service) AND stored_us BETWEEN $since_us AND $until_us
        )
        --]
        AND CASE
            WHEN role IS NOT NULL THEN NOT is_in_ours(top.trace_id, top.parent_span_id, top.scope_id, top.role) AND NOT EXISTS (
                -- What lies beside a recorded call is in ours, too: calls of models in the code of a step that has made one.
                SELECT 1 FROM spans AS beside
                WHERE beside.trace_id = top.trace_id AND beside.parent_span_id = top.parent_span_id
                    AND beside.stored_us BETWEEN $since_us AND $until_us
                    AND is_recorded_call(beside.scope_id, beside.role)
            ) AND NOT EXISTS (
                SELECT 1 FROM spans AS parent
                WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id
                    AND parent.stored_us BETWEEN $since_us AND $until_us
                    AND parent.span_id <> top.span_id AND parent.parent_span_id IS DISTINCT FROM top.span_id
                    AND (
                        parent.role IS NOT NULL OR parent.node_kind = 'step'
                        OR (is_detail(top.role) AND parent.node_kind <> 'span')
                    )
            )
            ELSE NOT EXISTS (
                SELECT 1 FROM spans AS other
                WHERE other.trace_id = top.trace_id AND (other.role IS NOT NULL OR other.node_kind <> 'span')
                    AND other.stored_us BETWEEN $since_us AND $until_us
            )
        END
    ORDER BY start_ns DESC, node_id DESC
    LIMIT $most
),
around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, role, node_kind FROM spans
    WHERE trace_id IN (SELECT trace_id FROM tops) AND stored_us BETWEEN $since_us AND $until_us
),
above AS (
    SELECT trace_id, span_id AS top_id, parent_span_id AS at_id FROM tops WHERE parent_span_id IS NOT NULL
    UNION
    SELECT above.trace_id, top_id, around.parent_span_id
    FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
    WHERE around.role IS NULL AND around.parent_span_id IS NOT NULL
)
SELECT
    trace_id,
    span_id,
    node_id,
    start_ns AS listed_ns,
    EXISTS (
        SELECT 1 FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
        WHERE above.trace_id = tops.trace_id AND top_id = tops.span_id
            AND around.span_id <> tops.span_id AND around.parent_span_id IS DISTINCT FROM tops.span_id
            AND (
                around.role IS NOT NULL OR around.node_kind = 'step'
                OR (is_detail(tops.role) AND around.node_kind <> 'span')
            )
    ) AS is_nested
FROM tops
ORDER BY start_ns DESC, node_id DESC
