-- Nodes of one step that ended badly, scored badly, needed another try, or had an attempt slower than 95 % of its like;
-- the worst first, and the newest of those that are equally bad.
WITH told AS MATERIALIZED (
    SELECT
        node_id, start_ns, attempts, outcome,
        list_max(list_transform(tries, lambda t: t.took_ns)) AS longest,
        list_sort(
            list_transform(
                list_filter(scores, lambda s: $score IS NULL OR s.name = $score),
                lambda s: struct_pack(score := s.score, name := s.name)
            )
        )[1] AS lowest
    FROM step_nodes
),
judged AS (
    SELECT
        node_id, start_ns, attempts, lowest.score AS score, lowest.name AS score_name,
        coalesce(outcome IN ('failed', 'dead_letter'), false) AS bad,
        coalesce(NOT is_right(lowest.score), false) AS wrong,
        coalesce(longest > (SELECT quantile_cont(longest, 0.95) FROM told), false) AS slow
    FROM told
)
SELECT node_id, score, score_name, slow
FROM judged
WHERE bad OR wrong OR attempts > 1 OR slow
ORDER BY bad DESC, wrong DESC, attempts > 1 DESC, start_ns DESC
LIMIT $most
