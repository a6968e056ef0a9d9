-- Exceptions of the spans that are read anew, in the order of their times, whichever way they came. What is logged as no
-- error was handled (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/).
WITH thrown AS (
    SELECT trace_id, span_id, position, CAST(time_ns AS BIGINT) AS time_ns, attributes
    FROM span_events
    WHERE list_contains(keys_of(attributes), 'exception.type')
    UNION ALL
    SELECT trace_id, span_id, record_id, log_time(time_ns, observed_ns), attributes
    FROM logs
    WHERE is_exception AND (severity_number = 0 OR severity_number >= 17)
)
SELECT incoming."row", thrown.time_ns, thrown.attributes
FROM thrown JOIN incoming_spans AS incoming USING (trace_id, span_id)
ORDER BY incoming."row", thrown.time_ns, thrown.position
