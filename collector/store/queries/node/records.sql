-- What tells of one node: its own records, what settled it, and where it was received.
SELECT
    trace_id, span_id, parent_span_id, name, kind, start_ns, end_ns, status_code, status_message, service,
    node_id, node_kind, correlation_id, run_id, workflow, operation, step, channel, consumer_group, event_id, subject,
    attempt, round, outcome, reason, dead_letter_id, agent, error_type, running, causation_id
FROM records
WHERE node_id = $id OR dead_letter_id = $id OR (event_id = $id AND node_kind = 'delivery')
ORDER BY start_ns, trace_id, span_id
