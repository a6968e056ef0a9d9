-- The runs, or the events, of which a record says something in what a list shows of it: in the columns that may say it, and
-- of when that was stored. Each column by itself, which takes a fifth of what one look at all of them together does.
SELECT DISTINCT CASE WHEN node_kind = $kind THEN node_id WHEN $kind = 'run' THEN run_id ELSE event_id END AS id
FROM (
    SELECT node_id, node_kind, event_id, run_id FROM spans WHERE false
    --[$in_subject
    UNION ALL FROM records_saying(subject, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_workflow
    UNION ALL FROM records_saying(workflow, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_channel
    UNION ALL FROM records_saying(channel, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_step
    UNION ALL FROM records_saying(step, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_consumer_group
    UNION ALL FROM records_saying(consumer_group, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_agent
    UNION ALL FROM records_saying(agent, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_error_type
    UNION ALL FROM records_saying(error_type, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_reason
    UNION ALL FROM records_saying(reason, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_operator
    UNION ALL FROM records_saying(operator, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_event_source
    UNION ALL FROM records_saying(event_source, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_message_id
    UNION ALL FROM records_saying(message_id, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_run_version
    UNION ALL FROM records_saying(run_version, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_name
    UNION ALL FROM records_saying(name, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_service
    UNION ALL FROM records_saying(service, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
    --[$in_status_message
    UNION ALL FROM records_saying(status_message, $literal, $pattern, $kinds, $first_ns, was_stored_in(stored_us, $since_us, $until_us))
    --]
)
WHERE id IS NOT NULL
LIMIT $most
