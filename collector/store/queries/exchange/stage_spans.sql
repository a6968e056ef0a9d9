-- Spans of a file, by their numbers in it, that are stored already: whether as they are there or otherwise.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT
    s.row, s.trace_id, s.span_id, s.parent_span_id, s.trace_state, s.flags, s.name, s.kind, s.start_ns, s.end_ns,
    s.attributes, s.dropped_attributes_count, s.dropped_events_count, s.dropped_links_count, s.status_code,
    s.status_message, s.resource_id, s.service, s.scope_id, false AS is_pending, s.node_id, s.node_kind, s.event_id,
    s.message_id, s.causes, s.operation, s.subject, s.outcome, s.role, s.work, s.workflow, s.step, s.step_place, s.run_version,
    s.input_keys, s.keys_read, s.keys_written, s.context_size, s.breaker, s.channel, s.consumer_group, s.event_source,
    s.reason, s.operator, s.payload, s.input, s.result, s.agent, s.error_type, s.session_id, s.user_id,
    s.causation_id, s.correlation_id, s.run_id, s.dead_letter_id, s.depth, s.attempt, s.round, s.attempts
FROM read_parquet($spans) AS s
SEMI JOIN spans AS stored ON stored.trace_id = s.trace_id AND stored.span_id = s.span_id
WHERE s.row BETWEEN $first AND $last
