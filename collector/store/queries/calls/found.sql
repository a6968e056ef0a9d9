-- Calls of a range of time, or of some traces, as `priced_calls` reads them; all that was stored of their traces was within
-- `$since_us` and `$until_us`. Ids are bytes.
SELECT * REPLACE (
    CAST(trace_id AS BLOB) AS trace_id, CAST(counted_in AS BLOB) AS counted_in, CAST(node_id AS BLOB) AS node_id,
    CAST(run_id AS BLOB) AS run_id
)
FROM calls_where(
    true
    --[$first_ns
    AND start_ns >= $first_ns AND start_ns < $end_ns
    --]
    ,
    stored_us BETWEEN $since_us AND $until_us
    --[$traces
    AND trace_id IN (SELECT unnest($traces::UUID[]))
    --]
)
