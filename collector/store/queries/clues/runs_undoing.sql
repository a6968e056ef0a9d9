-- Runs of ours of which a step is, or was, undone.
SELECT CAST(run_id AS BLOB) AS id
FROM (
    SELECT run_id FROM spans WHERE node_kind = 'step' AND step_place IS NOT NULL AND starts_with(step_place, '~')
    UNION ALL
    SELECT run_id FROM pending WHERE node_kind = 'step' AND starts_with(step_place, '~')
)
WHERE run_id IS NOT NULL
LIMIT $most
