-- The newest traces of which a span began in a range of time, in the order in which they are listed if they began there.
SELECT trace_id AS id, min(start_ns) AS begun_ns
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
GROUP BY trace_id
HAVING (begun_ns, id) < ($before_ns::BIGINT, $before_id::UUID)
ORDER BY begun_ns DESC, id DESC
LIMIT $most
