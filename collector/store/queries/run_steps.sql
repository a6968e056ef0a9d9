SELECT w.*, v.score
FROM steps AS w
LEFT JOIN (SELECT node_id, min(score) AS score FROM verdicts GROUP BY node_id) AS v USING (node_id)
WHERE w.node_id IN (SELECT node_id FROM records WHERE node_kind = 'step' AND run_id = $id)
ORDER BY w.start_ns, w.node_id
