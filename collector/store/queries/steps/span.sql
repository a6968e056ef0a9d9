-- When the attempts of one step began, the first and the last.
SELECT min(s.start_ns) AS first_ns, max(s.start_ns) AS last_ns
FROM spans AS s JOIN step_nodes USING (node_id)
WHERE s.node_kind = $kind AND s.start_ns >= $first_ns
