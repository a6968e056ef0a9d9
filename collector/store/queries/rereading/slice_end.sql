-- Where a slice ends that holds about so many spans; NULL where there are none.
SELECT max(start_ns) + 1 AS until_ns
FROM (
    SELECT start_ns FROM spans
    WHERE start_ns >= $from_ns AND coalesce(stored_us, 0) >= $since_us AND coalesce(stored_us, 0) < $until_us
    ORDER BY start_ns
    LIMIT $most
)
