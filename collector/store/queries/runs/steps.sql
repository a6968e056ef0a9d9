-- The steps of one run, each with the lowest of its scores.
WITH work AS MATERIALIZED (FROM work_where(node_kind = 'step' AND run_id = $id)),
scores AS (
    SELECT node_id, min(score) AS score FROM scores_where(node_id IN (SELECT node_id FROM work)) GROUP BY node_id
)
SELECT
    node_id, step, agent, depth, causes, keys_read, keys_written, context_size, start_ns, end_ns, attempts, outcome, error,
    running, cut_ns, score
FROM work
LEFT JOIN scores USING (node_id)
ORDER BY start_ns, node_id
