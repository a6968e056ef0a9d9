-- The steps of one run, each with the beginning of its values.
WITH work AS MATERIALIZED (
    FROM work_where(
        node_kind = 'step' AND run_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us),
        of_runs := stored_us BETWEEN $since_us AND $until_us, of_letters := false
    )
),
-- After an attempt that left to wait for an answer the next begins when that is there.
paced AS (
    SELECT
        node_id,
        sum(lasted(start_ns, end_ns)) AS worked_ns,
        sum(greatest(next_ns - end_ns, 0)) FILTER (WHERE outcome = 'waiting') AS answer_ns
    FROM (
        SELECT
            node_id, start_ns, end_ns, outcome,
            lead(start_ns) OVER (PARTITION BY node_id ORDER BY place_of(round, attempt), start_ns) AS next_ns
        FROM records
        WHERE node_kind = 'step' AND run_id = $id AND (running OR stored_us BETWEEN $since_us AND $until_us)
    )
    GROUP BY node_id
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
    running, cut_ns, input, result, worked_ns, answer_ns
FROM work
LEFT JOIN paced USING (node_id)
LEFT JOIN told USING (node_id)
ORDER BY start_ns, node_id
