-- The steps of one run, each with the beginning of its values.
WITH work AS MATERIALIZED (
    FROM work_where(
        node_kind = 'step' AND run_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us),
        of_runs := stored_us BETWEEN $since_us AND $until_us
    )
),
told AS (
    SELECT
        node_id,
        arg_max_null(cut(input, $excerpt::BIGINT), place_of(round, attempt)) AS input,
        arg_max_null(cut(result, $excerpt::BIGINT), place_of(round, attempt)) AS result
    FROM records
    WHERE node_kind = 'step' AND run_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
    GROUP BY node_id
)
SELECT
    node_id, step, step_place, agent, depth, causes, keys_read, keys_written, context_size, start_ns, end_ns, attempts, outcome, error,
    running, cut_ns, input, result
FROM work
LEFT JOIN told USING (node_id)
ORDER BY start_ns, node_id
