-- The newest runs that a span tells of in a range of time, in the order in which they are listed if they began there.
SELECT node_id AS id, min(start_ns) AS begun_ns
FROM spans
WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
GROUP BY node_id
HAVING (begun_ns, id) < ($before_ns::BIGINT, $before_id::UUID)
ORDER BY begun_ns DESC, id DESC
LIMIT $most
