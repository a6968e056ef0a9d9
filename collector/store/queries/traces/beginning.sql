-- The traces in which runs of others may have begun in a range of time, as `tops_where` finds them.
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
    AND may_be_top(role, node_kind, parent_span_id, operation)
LIMIT $most
