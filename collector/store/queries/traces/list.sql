-- A page of traces, in the order of what was stored when the first page was asked for: a trace's root often comes in last
-- and is its earliest span, and would move it from page to page. A trace is of the time range in which its first span
-- began. Where it is known among which to look, and when all of these were stored, nothing else is read.
WITH candidates AS (
    SELECT DISTINCT trace_id FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
        AND stored_us BETWEEN $since_us AND $until_us
        --[$among
        AND trace_id IN (SELECT unnest($among))
        --]
        --[$is_found
        AND trace_id IN (SELECT CAST(id AS UUID) FROM found)
        --]
),
page AS (
    SELECT trace_id, min(start_ns) AS listed_ns
    FROM spans
    WHERE stored_us <= $as_of AND trace_id IN (SELECT trace_id FROM candidates)
        AND stored_us BETWEEN $since_us AND $until_us
    GROUP BY trace_id
    HAVING listed_ns >= $first_ns AND listed_ns < $end_ns
        AND (listed_ns, trace_id) < ($before_ns::BIGINT, $before_id::UUID)
        AND ($service IS NULL OR bool_or(service = $service))
        AND ($failed IS NULL OR bool_or(has_failed(node_kind, status_code, outcome)) = $failed)
        --[$pattern
        AND (
            trace_id IN (SELECT unnest($ids))
            OR list_contains($halves, right(CAST(trace_id AS VARCHAR), 17))
            OR coalesce(contains(replace(CAST(trace_id AS VARCHAR), '-', ''), $part::VARCHAR), false)
            OR bool_or(span_id IN (SELECT unnest($span_ids)))
            OR bool_or(says(concat_ws(chr(10), name, service, agent), $literal, $pattern))
        )
        --]
    ORDER BY listed_ns DESC, trace_id DESC
    LIMIT $most
)
SELECT
    trace_id,
    any_value(listed_ns) AS listed_ns,
    min(start_ns) AS start_ns,
    max(end_ns) AS end_ns,
    count(*) AS spans,
    count(*) FILTER (WHERE has_failed(node_kind, status_code, outcome)) AS errors,
    list(DISTINCT service ORDER BY service) AS services,
    bool_or(parent_span_id IS NULL) AS has_root,
    arg_min(
        struct_pack(name := name, service := service, node_id := node_id),
        (parent_span_id IS NOT NULL, start_ns, span_id)
    ) AS root
FROM spans JOIN page USING (trace_id)
WHERE stored_us IS NULL OR stored_us BETWEEN $since_us AND $until_us
GROUP BY trace_id
ORDER BY listed_ns DESC, trace_id DESC
