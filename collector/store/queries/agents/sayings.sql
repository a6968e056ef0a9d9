-- Events of some spans, and log records that name them, in which messages are sent.
SELECT
    trace_id, span_id, time_ns, position, name, false AS is_log, NULL AS body,
    bounded_attributes(attributes, $room::BIGINT) AS attributes
FROM span_events
WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans)) AND list_contains($names, name)
UNION ALL
SELECT
    trace_id, span_id, CAST(log_time(time_ns, observed_ns) AS UBIGINT) AS time_ns, CAST(record_id AS HUGEINT) AS position,
    coalesce(nullif(event_name, ''), text_at(attributes, keys_of(attributes), 'event.name'), '') AS name, true AS is_log,
    bounded_body(body, $room::BIGINT) AS body,
    bounded_attributes(attributes, $room::BIGINT) AS attributes
FROM logs
WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans))
    AND list_contains(
        $names, coalesce(nullif(event_name, ''), text_at(attributes, keys_of(attributes), 'event.name'), '')
    )
ORDER BY time_ns, position
