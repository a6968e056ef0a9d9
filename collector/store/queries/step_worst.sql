-- Nodes of one step that ended badly, scored badly, or needed another try; the worst and newest first.
SELECT n.node_id, v.score
FROM work AS n
LEFT JOIN (SELECT node_id, min(score) AS score FROM verdicts GROUP BY node_id) AS v USING (node_id)
WHERE n.kind = $kind AND n.workflow = $workflow AND n.step = $step
    AND n.node_id IN (
        SELECT node_id FROM spans WHERE node_kind = $kind AND start_ns >= $first_ns AND start_ns < $end_ns
    )
    AND n.start_ns >= $first_ns AND n.start_ns < $end_ns AND coalesce(n.round, 0) = 0
    AND (n.outcome IN ('failed', 'dead_letter') OR n.attempts > 1 OR v.score < 0.5)
ORDER BY coalesce(n.outcome IN ('failed', 'dead_letter'), false) DESC, coalesce(v.score < 0.5, false) DESC, n.start_ns DESC
LIMIT $most
