-- The traces in which runs of others may have begun in a range of time, as `tops_between` finds them.
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
    AND (role IS NOT NULL OR (node_kind = 'span' AND parent_span_id IS NULL AND can_be_run(operation)))
LIMIT $most
