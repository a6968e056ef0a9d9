-- The traces of what was judged in a range of time.
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM judgements WHERE time_ns >= $first_ns AND time_ns < $end_ns LIMIT $most
