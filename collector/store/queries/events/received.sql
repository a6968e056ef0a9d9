-- Some events as those tell of them who received them.
SELECT
    event_id, any_value(channel) AS channel, min(start_ns) AS start_ns, NULL AS source, any_value(subject) AS subject,
    any_value(correlation_id) AS correlation_id, NULL AS causation_id, NULL AS payload
FROM spans
WHERE node_kind = 'delivery' AND event_id IN (SELECT unnest($events)) AND stored_us <= $as_of
    AND stored_us BETWEEN $since_us AND $until_us
GROUP BY event_id
