-- Who sent spans that began in a time range: how many, how many of them failed, and when the last one began. Foreign spans
-- are those that are no record of a node of ours. What claims an impossible time counts by when it came.
SELECT
    service,
    count(*) AS spans,
    count(*) FILTER (WHERE has_failed(node_kind, status_code, outcome)) AS errors,
    count(*) FILTER (WHERE node_kind = 'span' OR (node_kind = 'event' AND event_id IS NULL)) AS foreign_spans,
    count(*) FILTER (WHERE node_kind = 'span' AND has_failed(node_kind, status_code, outcome)) AS foreign_errors,
    max(dated(start_ns, stored_us)) AS last_ns
FROM spans
WHERE (start_ns >= $first_ns AND start_ns < $end_ns)
    OR (is_early(start_ns) AND dated(start_ns, stored_us) >= $first_ns AND dated(start_ns, stored_us) < $end_ns)
GROUP BY service
ORDER BY foreign_errors DESC, spans DESC, service
