-- The newest events that a span tells of in a range of time, in the order in which they are listed if they are of that time:
-- who received an event says when it was only where nobody published it.
SELECT
    CASE node_kind WHEN 'event' THEN node_id ELSE event_id END AS id,
    coalesce(min(start_ns) FILTER (WHERE node_kind = 'event'), min(start_ns)) AS begun_ns
FROM spans
WHERE node_kind IN ('event', 'delivery') AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
    --[$channel
    -- What says when an event was published is what says where; it may say nothing, and another of its spans may.
    AND (channel = $channel OR channel IS NULL)
    --]
GROUP BY id
HAVING id IS NOT NULL AND (begun_ns, id) < ($before_ns::BIGINT, $before_id::UUID)
ORDER BY begun_ns DESC, id DESC
LIMIT $most
