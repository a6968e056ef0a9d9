SELECT event_id, channel, start_ns, source, subject, correlation_id, causation_id, cut(payload, $payload_most::BIGINT) AS payload
FROM events
WHERE start_ns >= $first_ns AND start_ns < $end_ns
    AND (start_ns, event_id) < ($before_ns::BIGINT, $before_id::UUID)
    AND ($channel IS NULL OR channel = $channel)
    AND (
        NOT $is_search
        OR event_id IN (FROM events_found($ids, $span_ids, $halves, $literal, $pattern, $first_ns) WHERE $is_search)
    )
ORDER BY start_ns DESC, event_id DESC
LIMIT $most
