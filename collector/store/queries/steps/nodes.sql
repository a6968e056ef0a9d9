-- Keeps the nodes of one step, as all that its page shows is asked of them, for as long as the snapshot is open.
CREATE OR REPLACE TEMP TABLE step_nodes AS
WITH begun AS NOT MATERIALIZED (
    FROM materialized_work WHERE start_ns >= $first_ns AND start_ns < $unchanged_ns
    --[$has_changed
    UNION ALL BY NAME
    FROM materialized_work ANTI JOIN changed_nodes USING (node_id) WHERE start_ns >= $unchanged_ns AND start_ns < $end_ns
    UNION ALL BY NAME
    FROM work_anew
    --]
)
FROM begun
WHERE has_worked
    --[$kind
    AND kind = $kind
    --]
    --[$workflow
    AND workflow = $workflow
    --]
    --[$step
    AND step = $step
    --]
