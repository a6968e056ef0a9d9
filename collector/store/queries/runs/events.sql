-- What the steps of one run published; all that was stored of these was stored within `$since_us` and `$until_us`.
SELECT * REPLACE (cut(payload, $payload_most::BIGINT) AS payload)
FROM published_where(causation_id IN (SELECT unnest($steps::UUID[])) AND stored_us BETWEEN $since_us AND $until_us)
ORDER BY start_ns, event_id
