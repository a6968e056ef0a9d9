-- Spans as they are decoded; of their attributes those that are read, none longer than `$longest` characters.
SELECT
    row_number() OVER (ORDER BY start_ns, trace_id, span_id) - 1 AS "row",
    trace_id,
    span_id,
    parent_span_id,
    unhex(replace(CAST(trace_id AS VARCHAR), '-', '')) || unhex(printf('%016x', span_id)) AS identity,
    trace_state,
    flags,
    name,
    kind,
    start_ns,
    coalesce(end_ns, 0) AS end_ns,
    bounded_attributes(
        list_filter(attributes, lambda a: list_contains($names, a."key")), $longest::BIGINT
    ) AS attributes,
    dropped_attributes_count,
    dropped_events_count,
    dropped_links_count,
    status_code,
    status_message,
    resource_id,
    scope_id,
    service
FROM spans
WHERE start_ns >= $from_ns AND start_ns < $until_ns
    AND coalesce(stored_us, 0) >= $since_us AND coalesce(stored_us, 0) < $until_us
ORDER BY start_ns, trace_id, span_id
