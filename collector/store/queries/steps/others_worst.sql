-- Nodes of one step of agents of others, chosen and ordered as `steps/worst.sql` does ours. Its attempts are the table
-- `tried`, their scores `judged`.
WITH scores AS (
    SELECT node_id, min(score) AS score, arg_min(name, (score, name)) AS score_name
    FROM judged
    WHERE $score IS NULL OR name = $score
    GROUP BY node_id
),
weighed AS (
    SELECT
        CAST(tried.node_id AS UUID) AS node_id, start_ns, score, score_name, attempts,
        coalesce(outcome = 'failed', false) AS bad,
        coalesce(NOT is_right(score), false) AS wrong,
        coalesce(took_ns > (SELECT quantile_cont(took_ns, 0.95) FROM tried), false) AS slow
    FROM tried LEFT JOIN scores ON scores.node_id = tried.node_id
    WHERE is_last
)
SELECT node_id, score, score_name, slow, attempts
FROM weighed
WHERE bad OR wrong OR attempts > 1 OR slow
ORDER BY bad DESC, wrong DESC, attempts > 1 DESC, start_ns DESC
LIMIT $most
