-- What the steps of one run published, as the view `events` has it, which would group all events before it left these.
SELECT
    node_id AS event_id,
    any_value(channel) AS channel,
    min(start_ns) AS start_ns,
    any_value(event_source) AS source,
    any_value(subject) AS subject,
    any_value(correlation_id) AS correlation_id,
    any_value(causation_id) AS causation_id,
    any_value(payload) AS payload
FROM spans
WHERE node_kind = 'event'
    AND causation_id IN (SELECT node_id FROM records WHERE node_kind = 'step' AND run_id = $id)
GROUP BY node_id
ORDER BY start_ns, event_id
