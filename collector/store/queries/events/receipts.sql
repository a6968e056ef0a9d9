-- Which foreign consumers received some events, a row for each service and group: the newest span says how it went.
SELECT
    event_id,
    service,
    coalesce(nullif(consumer_group, ''), service) AS consumer_group,
    arg_max(node_id, (start_ns, span_id)) AS node_id,
    arg_max(status_code, (start_ns, span_id)) AS status_code,
    arg_max_null(outcome, (start_ns, span_id)) AS ended,
    count(*) AS attempts
FROM spans
WHERE node_kind = 'span' AND kind = 5 AND event_id IN (SELECT unnest($events))
GROUP BY ALL
ORDER BY event_id, consumer_group, service
