-- The traces that a search finds, by ids or by what something says that may be the topmost span of a run of others, or plays
-- a part in one: in the columns that may say it, and of when that was stored.
SELECT DISTINCT trace_id AS id
FROM (
    SELECT trace_id FROM spans WHERE false
    --[$in_name
    UNION ALL FROM tops_saying(name, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_workflow
    UNION ALL FROM tops_saying(workflow, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_agent
    UNION ALL FROM tops_saying(agent, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_service
    UNION ALL FROM tops_saying(service, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_session_id
    UNION ALL FROM tops_saying(session_id, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_user_id
    UNION ALL FROM tops_saying(user_id, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_subject
    UNION ALL FROM tops_saying(subject, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_error_type
    UNION ALL FROM tops_saying(error_type, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_status_message
    UNION ALL FROM tops_saying(status_message, $literal, $pattern, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_step
    UNION ALL FROM tops_saying(step, $literal, $pattern, role IS NOT NULL AND was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_model
    UNION ALL FROM tops_saying(work.model, $literal, $pattern, role IS NOT NULL AND was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_tool
    UNION ALL FROM tops_saying(work.tool, $literal, $pattern, role IS NOT NULL AND was_stored_in(stored_us, $since_us, $until_us))
    --]
    UNION ALL
    -- Messages that are sent as part of it.
    SELECT trace_id FROM spans
    WHERE role IS NOT NULL AND node_kind <> 'span' AND was_stored_in(stored_us, $since_us, $until_us)
        AND says(concat_ws(chr(10), name, step, agent, work.model, work.tool), $literal, $pattern)
    --[$is_id
    UNION ALL
    SELECT trace_id FROM spans
    WHERE trace_id IN (SELECT unnest($ids)) AND stored_us BETWEEN $named_since_us AND $named_until_us
    UNION ALL
    SELECT trace_id FROM spans
    WHERE node_id IN (SELECT unnest($ids)) AND stored_us BETWEEN $named_since_us AND $named_until_us
    --]
    --[$has_halves
    UNION ALL
    SELECT trace_id FROM spans WHERE ends_in(trace_id, $halves)
    --]
    --[$has_spans
    UNION ALL
    SELECT trace_id FROM spans WHERE span_id IN (SELECT unnest($span_ids))
    --]
)
LIMIT $most
