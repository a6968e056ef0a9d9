-- What tells that some events were published.
SELECT
    node_id AS event_id, channel, start_ns, event_source AS source, subject, correlation_id, causation_id,
    cut(payload, $payload_most::BIGINT) AS payload
FROM spans
WHERE node_kind = 'event' AND node_id IN (SELECT unnest($events)) AND stored_us <= $as_of
    AND stored_us BETWEEN $since_us AND $until_us
