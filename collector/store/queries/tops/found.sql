-- Runs of others of a range of time, or of some traces, as `tops_of` reads them; all that was stored of their traces was
-- within `$since_us` and `$until_us`. Ids are bytes.
SELECT * REPLACE (CAST(trace_id AS BLOB) AS trace_id)
FROM tops_where(
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
