-- Keeps what became of nodes that have changed, where they began in a time range.
CREATE OR REPLACE TEMP TABLE work_anew AS
FROM work_to_materialize($first_ns, node_id IN (SELECT node_id FROM changed_nodes WHERE is_again))
WHERE start_ns >= $first_ns AND start_ns < $end_ns
