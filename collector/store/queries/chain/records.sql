-- The records of some nodes of some traces, with what settled them, and where they were received.
FROM node_records_within($since_us, $until_us)
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND (
        node_id IN (SELECT CAST(unnest($nodes) AS UUID))
        OR dead_letter_id IN (SELECT CAST(unnest($nodes) AS UUID))
        OR (node_kind = 'delivery' AND event_id IN (SELECT CAST(unnest($nodes) AS UUID)))
    )
ORDER BY start_ns, trace_id, span_id
