-- Nodes of one step that ended badly, scored badly, needed another try, or had an attempt slower than 95 % of its like;
-- the worst first, and the newest of those that are equally bad.
WITH paced AS (
    SELECT node_id, max(lasted(s.start_ns, s.end_ns)) AS longest
    FROM spans AS s JOIN step_nodes USING (node_id)
    WHERE s.node_kind = $kind AND s.start_ns >= $first_ns
    GROUP BY node_id
),
scores AS (
    SELECT node_id, min(score) AS score, arg_min(name, (score, name)) AS score_name
    FROM scores_where(start_ns >= $first_ns AND node_id IN (SELECT node_id FROM step_nodes))
    WHERE $score IS NULL OR name = $score
    GROUP BY node_id
),
judged AS (
    SELECT
        n.node_id, n.start_ns, s.score, s.score_name, n.attempts,
        coalesce(n.outcome IN ('failed', 'dead_letter'), false) AS bad,
        coalesce(NOT is_right(s.score), false) AS wrong,
        coalesce(p.longest > (SELECT quantile_cont(longest, 0.95) FROM paced), false) AS slow
    FROM step_nodes AS n
    LEFT JOIN paced AS p USING (node_id)
    LEFT JOIN scores AS s USING (node_id)
)
SELECT node_id, score, score_name, slow
FROM judged
WHERE bad OR wrong OR attempts > 1 OR slow
ORDER BY bad DESC, wrong DESC, attempts > 1 DESC, start_ns DESC
LIMIT $most
