-- Every delivery of an event, as records that nodes are built from.
SELECT
    trace_id, span_id, parent_span_id, name, kind, start_ns, end_ns, status_code, status_message, service,
    node_id, node_kind, correlation_id, run_id, workflow, operation, step, channel, consumer_group, event_id, subject,
    attempt, round, outcome, reason, dead_letter_id, agent, error_type, running
FROM records
WHERE node_kind = 'delivery' AND event_id = $id
ORDER BY start_ns, trace_id, span_id
