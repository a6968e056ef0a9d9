-- Keeps the steps and deliveries that began in a time range, for as long as the snapshot is open. Of a step also when it
-- ended: what it led to began after that.
CREATE OR REPLACE TEMP TABLE topology_work AS
WITH begun AS (
    FROM materialized_work WHERE start_ns >= $first_ns AND start_ns < $unchanged_ns
    --[$has_changed
    UNION ALL BY NAME
    FROM materialized_work ANTI JOIN changed_nodes USING (node_id) WHERE start_ns >= $unchanged_ns AND start_ns < $end_ns
    UNION ALL BY NAME
    FROM work_anew
    --]
)
SELECT
    node_id, run_id, kind, service, workflow, step, agent, start_ns, has_worked, tries,
    outcome IN ('failed', 'dead_letter') AS is_bad, coalesce(outcome = 'skipped', false) AS is_skipped,
    CASE kind WHEN 'step' THEN list_max(list_transform(tries, lambda t: t.start_ns + t.took_ns)) END AS end_ns
FROM begun
