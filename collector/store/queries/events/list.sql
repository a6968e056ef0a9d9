SELECT event_id, channel, start_ns, source, subject, correlation_id, causation_id, left(payload, $payload_most) AS payload
FROM events
WHERE start_ns >= $first_ns AND start_ns < $end_ns
    AND (start_ns, event_id) < ($before_ns::BIGINT, $before_id::UUID)
    AND ($channel IS NULL OR channel = $channel)
    AND (
        $q IS NULL OR contains(lower(coalesce(subject, '')), $q) OR contains(CAST(event_id AS VARCHAR), $q)
        OR contains(CAST(correlation_id AS VARCHAR), $q) OR contains(lower(coalesce(payload, '')), $q)
        OR event_id IN (
            -- A foreign event by the id that it came with.
            SELECT node_id FROM spans
            WHERE $q IS NOT NULL AND node_kind = 'event' AND event_id IS NULL
                AND (
                    contains(lower(said_event_id(texts_of(attributes), keys_of(attributes))), $q)
                    OR contains(lower(said_message_id(texts_of(attributes), keys_of(attributes))), $q)
                )
        )
    )
ORDER BY start_ns DESC, event_id DESC
LIMIT $most
