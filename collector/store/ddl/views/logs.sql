-- Spans of a node, and the foreign spans below them.
CREATE OR REPLACE MACRO spans_of_node(id) AS TABLE
    WITH RECURSIVE own AS MATERIALIZED (
        SELECT trace_id, span_id FROM spans WHERE node_id = id
        UNION
        SELECT trace_id, parent_span_id FROM pending WHERE node_id = id
    ),
    around AS MATERIALIZED (
        SELECT trace_id, span_id, parent_span_id FROM spans
        WHERE node_kind = 'span' AND trace_id IN (SELECT trace_id FROM own)
    ),
    below AS (
        SELECT trace_id, span_id FROM own
        UNION
        SELECT around.trace_id, around.span_id
        FROM around JOIN below ON around.trace_id = below.trace_id AND around.parent_span_id = below.span_id
    )
    FROM below;

-- When a log record was written; when it was seen, where its writer said no time.
CREATE OR REPLACE MACRO log_time(time_ns, observed_ns) AS coalesce(nullif(time_ns, 0), observed_ns);

-- A severity as OpenTelemetry's number; that of its name where no number was sent, 0 where neither tells.
CREATE OR REPLACE MACRO log_severity(number, said) AS CASE
    WHEN number > 0 THEN number
    WHEN upper(said) = 'TRACE' THEN 1
    WHEN upper(said) = 'DEBUG' THEN 5
    WHEN upper(said) IN ('INFO', 'INFORMATION', 'NOTICE') THEN 9
    WHEN upper(said) IN ('WARN', 'WARNING') THEN 13
    WHEN upper(said) IN ('ERROR', 'ERR') THEN 17
    WHEN upper(said) IN ('FATAL', 'CRITICAL', 'ALERT', 'EMERGENCY') THEN 21
    ELSE 0
END;

-- A value with its text cut: so much of it that a reader of the answer knows that there is more. What is nested can't be
-- cut, and is told by its size where that is too large.
CREATE OR REPLACE MACRO bounded_value(v, most) AS {
    'string_value': CASE
        WHEN length(v.string_value) > most THEN left(v.string_value, most)
            || format('… [cut: {:,} of {:,} characters]', most, length(v.string_value))
        WHEN octet_length(v.kvlist_value) > most THEN format('… [cut: a map of {:,} bytes]', octet_length(v.kvlist_value))
        WHEN octet_length(v.bytes_value) > most THEN format('… [cut: {:,} bytes]', octet_length(v.bytes_value))
        ELSE v.string_value
    END,
    'bool_value': v.bool_value,
    'int_value': v.int_value,
    'double_value': v.double_value,
    'array_value': v.array_value,
    'kvlist_value': CASE WHEN octet_length(v.kvlist_value) <= most THEN v.kvlist_value END,
    'bytes_value': CASE WHEN octet_length(v.bytes_value) <= most THEN v.bytes_value END
};

-- Attributes of which each has its text cut.
CREATE OR REPLACE MACRO bounded_attributes(attributes, most) AS list_transform(
    attributes, lambda a: {'key': a."key", 'value': bounded_value(a."value", most)}
);
