-- Exceptions of the spans that are read anew, in their order.
SELECT incoming."row", e.time_ns, e.attributes
FROM span_events AS e JOIN incoming_spans AS incoming
    ON incoming.trace_id = e.trace_id AND incoming.span_id = e.span_id
WHERE e.name = 'exception'
ORDER BY incoming."row", e.position
