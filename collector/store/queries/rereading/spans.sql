-- Spans as they are decoded; of their attributes those that are read, none longer than `$longest` characters.
SELECT
    reread."row",
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
    service,
    coalesce(stored_us, 0) AS stored_us
FROM spans JOIN reread ON spans.rowid = reread.place
ORDER BY reread."row"
