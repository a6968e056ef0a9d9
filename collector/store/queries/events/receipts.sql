-- Which foreign consumers received some events, a row for each service and group: the newest span says how it went. To
-- receive, to process and to settle are one attempt.
WITH received AS (
    SELECT *, receipt_place(operation, outcome, start_ns, span_id) AS place
    FROM receipts_where(event_id IN (SELECT unnest($events)))
)
SELECT
    event_id,
    service,
    coalesce(nullif(consumer_group, ''), service) AS consumer_group,
    arg_max(node_id, place) AS node_id,
    arg_max(status_code, place) AS status_code,
    arg_max_null(outcome, place) AS ended,
    greatest(
        count(DISTINCT node_id) FILTER (WHERE coalesce(operation NOT IN ('receive', 'deliver', 'settle'), true)), 1
    ) AS attempts
FROM received
GROUP BY ALL
ORDER BY event_id, consumer_group, service
