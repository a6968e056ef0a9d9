-- Nodes that an id leads to, of all time, the newest first.
SELECT node_id, max(start_ns) AS at_ns
FROM records_named('found_places', $ids, $span_ids, $halves, $placed_since_us, $placed_until_us)
GROUP BY node_id
ORDER BY at_ns DESC, node_id DESC
LIMIT $most
