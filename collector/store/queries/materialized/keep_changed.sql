-- Keeps the nodes of which something changed after what is materialized was worked out: when they began, by that, and whether
-- they are to be worked out again, as no record of them began before a time range; what did so began in another one.
CREATE OR REPLACE TEMP TABLE changed_nodes AS
WITH told AS MATERIALIZED (FROM changed_nodes_within($known_us, 9223372036854775807)),
runs AS MATERIALIZED (FROM changed_runs_within($known_us, 9223372036854775807)),
known AS MATERIALIZED (
    SELECT node_id, start_ns FROM materialized_work
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND node_id IN (SELECT node_id FROM told)
    UNION
    SELECT node_id, start_ns FROM materialized_work
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND run_id IN (FROM runs)
)
SELECT node_id, start_ns AS known_ns, node_id NOT IN (SELECT node_id FROM told WHERE begun_ns < $first_ns) AS is_again FROM known
UNION ALL
SELECT node_id, NULL, true
FROM told ANTI JOIN known USING (node_id)
WHERE coalesce(begun_ns >= $first_ns, true) AND node_id NOT IN (
    SELECT node_id FROM materialized_work WHERE start_ns < $first_ns AND node_id IN (SELECT node_id FROM told)
)
