-- Keeps the nodes that have changed within a time, in parts of `$most`, in the order in which they began.
CREATE OR REPLACE TEMP TABLE changed AS
WITH told AS MATERIALIZED (FROM changed_nodes_within($since_us, $until_us)),
known AS (
    SELECT node_id, start_ns FROM materialized_work
    WHERE node_id IN (SELECT node_id FROM told) OR run_id IN (FROM changed_runs_within($since_us, $until_us))
)
SELECT node_id, first_ns, (row_number() OVER (ORDER BY first_ns, node_id) - 1) // $most AS part
FROM (
    SELECT node_id, min(first_ns) AS first_ns
    FROM (SELECT node_id, begun_ns AS first_ns FROM told UNION ALL FROM known)
    GROUP BY node_id
)
