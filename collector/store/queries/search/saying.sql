-- Nodes that say something in what began or happened in a time range, the newest first, behind a place.
SELECT node_id, max(at_ns) AS at_ns
FROM texts_saying($literal, $pattern, $first_ns, $end_ns)
WHERE NOT list_contains($but::UUID[], node_id)
GROUP BY node_id
HAVING (max(at_ns), node_id) < ($before_ns::BIGINT, $before_id::UUID)
ORDER BY at_ns DESC, node_id DESC
LIMIT $most
