-- The steps of one run, each with its scores by name, the lowest of them, and the beginning of its values.
WITH work AS MATERIALIZED (FROM work_where(node_kind = 'step' AND run_id = $id)),
scores AS (
    SELECT node_id, min(score) AS score, map_from_entries(list((name, score) ORDER BY name)) AS scores
    FROM scores_where(node_id IN (SELECT node_id FROM work))
    GROUP BY node_id
),
told AS (
    SELECT
        node_id,
        arg_max_null(cut(input, $excerpt::BIGINT), place_of(round, attempt)) AS input,
        arg_max_null(cut(result, $excerpt::BIGINT), place_of(round, attempt)) AS result
    FROM records
    WHERE node_kind = 'step' AND run_id = $id
    GROUP BY node_id
)
SELECT
    node_id, step, agent, depth, causes, keys_read, keys_written, context_size, start_ns, end_ns, attempts, outcome, error,
    running, cut_ns, score, scores, input, result
FROM work
LEFT JOIN scores USING (node_id)
LEFT JOIN told USING (node_id)
ORDER BY start_ns, node_id
