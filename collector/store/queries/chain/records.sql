-- The records of some nodes of some traces, without attributes: as much as nodes are built from. With what settled them,
-- and where they were received.
SELECT
    trace_id, span_id, parent_span_id, name, kind, start_ns, end_ns, status_code, status_message, service,
    node_id, node_kind, correlation_id, run_id, workflow, operation, step, channel, consumer_group, event_id, subject,
    attempt, round, outcome, reason, dead_letter_id, agent, error_type, running
FROM records
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND (
        node_id IN (SELECT CAST(unnest($nodes) AS UUID))
        OR dead_letter_id IN (SELECT CAST(unnest($nodes) AS UUID))
        OR (node_kind = 'delivery' AND event_id IN (SELECT CAST(unnest($nodes) AS UUID)))
    )
ORDER BY start_ns, trace_id, span_id
