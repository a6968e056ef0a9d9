-- What each span says that lists are searched in, in the order in which they lie.
SELECT
    stored_us, subject, workflow, channel, step, consumer_group, agent, error_type, reason, operator, event_source, message_id,
    run_version, name, service, status_message, session_id, user_id,
    struct_pack(model := work.model, tool := work.tool) AS work
FROM spans
WHERE stored_us IS NOT NULL
