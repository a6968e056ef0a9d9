-- Keeps the nodes of which something changed after what is materialized was worked out: when they began, by that, and whether
-- they are to be worked out again, as no record of them began before a time range; what did so began in another one. Where
-- all spans that say anything of them were stored since, no more was known of them than a marker says.
CREATE OR REPLACE TEMP TABLE changed_nodes AS
WITH told AS MATERIALIZED (
    SELECT node_id, min(begun_ns) AS begun_ns FROM told_work WHERE node_id IS NOT NULL GROUP BY node_id
),
runs AS MATERIALIZED (SELECT DISTINCT run_id FROM told_work WHERE run_id IS NOT NULL),
had AS NOT MATERIALIZED (
    --[$may_be_known
    FROM materialized_work
    --]
    --[$is_new
    FROM materialized_work WHERE running
    UNION ALL
    FROM materialized_work WHERE node_id IN (SELECT node_id FROM pending SEMI JOIN told USING (node_id))
    --]
),
known AS MATERIALIZED (
    SELECT node_id, run_id, start_ns FROM had
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND node_id IN (SELECT node_id FROM told)
    UNION
    SELECT node_id, run_id, start_ns FROM had
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND run_id IN (FROM runs)
)
SELECT node_id, run_id, start_ns AS known_ns, node_id NOT IN (SELECT node_id FROM told WHERE begun_ns < $first_ns) AS is_again FROM known
UNION ALL
SELECT node_id, NULL, NULL, true
FROM told ANTI JOIN known USING (node_id)
WHERE coalesce(begun_ns >= $first_ns, true) AND node_id NOT IN (
    SELECT node_id FROM had WHERE start_ns < $first_ns AND node_id IN (SELECT node_id FROM told)
)
