-- What the steps of one run published.
SELECT * REPLACE (cut(payload, $payload_most::BIGINT) AS payload)
FROM published_where(causation_id IN (
    SELECT node_id FROM records
    WHERE node_kind = 'step' AND run_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
))
ORDER BY start_ns, event_id
