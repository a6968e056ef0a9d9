-- The traces in which runs of others may have begun in a range of time, and how many, in slots of time; of some traces, or
-- of all.
SELECT start_ns // $slot_ns AS slot, CAST(trace_id AS BLOB) AS id, count(*) AS rows
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND may_be_top(role, node_kind, parent_span_id, operation)
--[$traces
    AND trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
--]
GROUP BY ALL
ORDER BY slot
