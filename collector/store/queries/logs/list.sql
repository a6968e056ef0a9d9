-- A page of log records, the newest first. Which they are is found without opening what they say, but for a search.
WITH page AS MATERIALIZED (
    SELECT rowid AS place
    FROM logs
    WHERE log_time(time_ns, observed_ns) >= $first_ns AND log_time(time_ns, observed_ns) < $end_ns
        AND (log_time(time_ns, observed_ns), record_id) < ($before_ns::BIGINT, $before_id::UBIGINT)
        AND ($service IS NULL OR service = $service)
        AND ($least IS NULL OR log_severity(severity_number, severity_text) >= $least)
        AND ($traces IS NULL OR list_contains($traces::UUID[], trace_id))
        AND ($spans IS NULL OR list_contains($spans::UBIGINT[], span_id))
        AND (
            $node IS NULL
            OR (trace_id, span_id) IN (
                SELECT (trace_id, span_id)
                FROM spans_of_node($node::UUID, $since_us, $until_us, $around_since_us, $around_until_us)
            )
        )
        AND (NOT $loose OR span_id IS NULL)
        AND (
            $pattern IS NULL
            OR list_contains($ids::UUID[], trace_id)
            OR list_contains($span_ids::UBIGINT[], span_id)
            OR says(concat_ws(chr(10), event_name, service, severity_text, shown_value(body)), $literal, $pattern)
            OR attributes_say(attributes, $literal, $pattern)
        )
    ORDER BY log_time(time_ns, observed_ns) DESC, record_id DESC
    LIMIT $most
)
SELECT
    record_id, trace_id, span_id, log_time(time_ns, observed_ns) AS at_ns, at_ns AS listed_ns, severity_number,
    severity_text, event_name, bounded_body(body, $room::BIGINT) AS body,
    bounded_attributes(attributes, $room::BIGINT) AS attributes, service
FROM logs
WHERE rowid IN (SELECT place FROM page)
ORDER BY at_ns DESC, record_id DESC
