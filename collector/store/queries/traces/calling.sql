-- The traces in which something was called in a range of time, with the nodes of ours that did, of which other traces may tell.
SELECT DISTINCT trace_id AS id, CASE WHEN node_kind <> 'span' THEN node_id END AS node_id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND (is_detail(role) OR tells_tokens(work))
LIMIT $most
