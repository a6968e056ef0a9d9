-- The attempts of the deliveries of some events.
SELECT
    trace_id, parent_span_id, node_id, node_kind, run_id, event_id, step, step_place, consumer_group, round, attempt, outcome,
    service, start_ns, running
FROM work_records
WHERE node_kind = 'delivery' AND event_id IN (SELECT unnest($events))
    AND (running OR stored_us BETWEEN $since_us AND $until_us)
