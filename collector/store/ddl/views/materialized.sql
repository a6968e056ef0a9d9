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

-- The nodes that these records are of, or are about, and when the first of those of the node itself began.
CREATE OR REPLACE MACRO changed_nodes_within(since_us, until_us) AS TABLE
    SELECT node_id, min(begun_ns) AS begun_ns FROM told_within(since_us, until_us) WHERE node_id IS NOT NULL GROUP BY node_id;

-- The runs that these records are of: what became of one step can decide what became of the others.
CREATE OR REPLACE MACRO changed_runs_within(since_us, until_us) AS TABLE
    SELECT DISTINCT run_id FROM told_within(since_us, until_us) WHERE run_id IS NOT NULL;

-- As `materialized_work` has it, of the nodes that meet a condition, which names `node_id`. No record of them began before
-- `from_ns`: that lets scans skip what is older.
CREATE OR REPLACE MACRO work_to_materialize(from_ns, condition) AS TABLE
    WITH tries AS (
        SELECT node_id, list(lasted(start_ns, end_ns)) AS durations
        FROM spans
        WHERE node_kind IN ('step', 'delivery') AND start_ns >= from_ns AND condition
        GROUP BY node_id
    )
    SELECT
        node_id, run_id, kind, workflow, step, agent, coalesce(service, '') AS service, start_ns, attempts, outcome, running,
        coalesce(durations, []) AS durations
    FROM work_where(start_ns >= from_ns AND condition) LEFT JOIN tries USING (node_id)
    WHERE round = 0;

-- The steps and deliveries that began in a time range; of one kind, workflow (or channel) and step (or group) where
-- these are not NULL. A replay is another node with a story of its own, so deliveries count in their first round.
-- `since_us` is what `materialized` says; an earlier time gives the same answer, later. What changed since then is worked
-- out here.
CREATE OR REPLACE MACRO work_begun(since_us, from_ns, until_ns, of_kind, of_workflow, of_step) AS TABLE
    WITH changed AS MATERIALIZED (FROM changed_nodes_within(since_us, 9223372036854775807)),
    changed_runs AS MATERIALIZED (FROM changed_runs_within(since_us, 9223372036854775807)),
    known AS NOT MATERIALIZED (
        SELECT
            *, node_id IN (SELECT node_id FROM changed) OR coalesce(run_id IN (FROM changed_runs), false) AS is_changed
        FROM materialized_work
        WHERE start_ns >= from_ns AND start_ns < until_ns
    ),
    -- No record of these began before the range: what began earlier did so in another one.
    again AS MATERIALIZED (
        SELECT node_id FROM known
        WHERE is_changed AND node_id NOT IN (SELECT node_id FROM changed WHERE begun_ns < from_ns)
        UNION
        SELECT node_id FROM changed
        WHERE coalesce(begun_ns >= from_ns, true) AND node_id NOT IN (
            SELECT node_id FROM materialized_work
            WHERE start_ns < from_ns AND node_id IN (SELECT node_id FROM changed)
        )
    )
    FROM (
        FROM known WHERE NOT is_changed
        UNION ALL BY NAME
        SELECT *, true AS is_changed FROM work_to_materialize(from_ns, node_id IN (SELECT node_id FROM again))
    )
    SELECT * EXCLUDE (is_changed)
    WHERE start_ns >= from_ns AND start_ns < until_ns
        AND (of_kind IS NULL OR kind = of_kind)
        AND (of_workflow IS NULL OR workflow = of_workflow)
        AND (of_step IS NULL OR step = of_step);
