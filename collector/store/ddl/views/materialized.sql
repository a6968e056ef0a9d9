-- Of which node, or of all nodes of which run, a record says something that decides what became of them.
CREATE OR REPLACE MACRO told_node(node_kind, node_id, causation_id) AS
    CASE WHEN node_kind IN ('step', 'delivery') THEN node_id WHEN node_kind = 'dead_letter' THEN causation_id END;
CREATE OR REPLACE MACRO told_run(node_kind, node_id, run_id) AS CASE node_kind WHEN 'run' THEN node_id ELSE run_id END;

-- Whether a record was stored within a time; of the oldest it is not known when they were.
CREATE OR REPLACE MACRO was_stored_within(stored_us, since_us, until_us) AS
    (stored_us >= since_us AND stored_us < until_us) OR (stored_us IS NULL AND since_us <= 0);

-- What says of work that it may be other than `materialized_work` has it: records that were stored within a time, and what
-- was changed or removed. `begun_ns` is when a record of the work itself began, NULL where it is a record of something else.
CREATE OR REPLACE MACRO told_within(since_us, until_us) AS TABLE
    SELECT
        told_node(node_kind, node_id, causation_id) AS node_id, told_run(node_kind, node_id, run_id) AS run_id,
        CASE WHEN node_kind IN ('step', 'delivery') OR was_never_tried(node_kind, attempts, round, causation_id)
            THEN start_ns END AS begun_ns
    FROM spans
    WHERE was_stored_within(stored_us, since_us, until_us) AND node_kind IN ('step', 'delivery', 'run', 'dead_letter')
    UNION ALL
    SELECT node_id, run_id, start_ns FROM pending
    WHERE was_stored_within(stored_us, since_us, until_us) AND node_kind IN ('step', 'delivery')
    UNION ALL
    SELECT node_id, run_id, NULL FROM changed_work;

-- As `materialized_work` has it, of the nodes that meet a condition, which names `node_id`. No record of them began before
-- `from_ns`, and all spans that name one of them, or one of their runs, meet `was_stored`, which names `stored_us`: that lets
-- scans skip what is older.
CREATE OR REPLACE MACRO work_to_materialize(from_ns, condition, was_stored := true) AS TABLE
    WITH tries AS (
        SELECT
            node_id,
            list(struct_pack(
                start_ns := start_ns, took_ns := lasted(start_ns, end_ns),
                has_failed := coalesce(outcome IN ('retry', 'failed', 'dead_letter'), false)
            )) AS tries
        FROM spans
        WHERE node_kind IN ('step', 'delivery') AND start_ns >= from_ns AND condition AND was_stored
        GROUP BY node_id
    ),
    judged AS (
        SELECT node_id, list(struct_pack(name := name, score := score) ORDER BY name) AS scores
        FROM scores_where(
            node_kind IN ('step', 'delivery') AND start_ns >= from_ns AND condition AND was_stored, happened := is_named
        )
        GROUP BY node_id
    )
    SELECT
        node_id, run_id, kind, workflow, counted_step(step, step_place) AS step, agent, coalesce(service, '') AS service,
        start_ns, attempts, outcome, running, has_worked, coalesce(tries, []) AS tries, coalesce(scores, []) AS scores
    FROM work_where(start_ns >= from_ns AND condition AND (running OR was_stored), was_stored, was_stored)
    LEFT JOIN tries USING (node_id) LEFT JOIN judged USING (node_id)
    WHERE round = 0;
