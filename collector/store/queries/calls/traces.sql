-- The traces in which something was called in a range of time, and how much, in slots of time; of some traces, or of all.
SELECT start_ns // $slot_ns AS slot, CAST(trace_id AS BLOB) AS id, count(*) AS rows
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND (is_detail(role) OR tells_tokens(work))
--[$traces
    AND trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
--]
GROUP BY ALL
ORDER BY slot
