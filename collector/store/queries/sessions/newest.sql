-- The sessions in which something happened last from a time on, in the order in which they are listed: what was in them before
-- changes nothing about that. Whether one is listed that goes on after the end of the list's time range is certain where
-- something from that time on lies within the range.
SELECT
    session_id, max(start_ns) AS listed_ns, foreign_node(encode(session_id)) AS key,
    bool_or(start_ns < $end_ns) AS is_certain
FROM spans
WHERE session_id IS NOT NULL AND start_ns >= $first_ns AND stored_us <= $as_of
GROUP BY session_id
HAVING (listed_ns, key) < ($before_ns::BIGINT, $before_id::UUID)
ORDER BY listed_ns DESC, key DESC
LIMIT $most
