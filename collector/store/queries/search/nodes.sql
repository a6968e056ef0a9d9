-- Nodes of a time range that an id leads to or that say something, the newest first.
SELECT node_id, max(start_ns) AS latest_ns
FROM (
    SELECT node_id, start_ns FROM records_saying($literal, $pattern, NULL, $first_ns, $end_ns)
    UNION ALL
    SELECT node_id, start_ns FROM records_named($ids, $span_ids, $halves)
    WHERE len($ids) + len($span_ids) + len($halves) > 0 AND start_ns >= $first_ns AND start_ns < $end_ns
)
GROUP BY node_id
ORDER BY latest_ns DESC, node_id DESC
LIMIT $most
