-- Those that nothing names. What is named is counted once: as often as it is, it does not fit into memory.
SELECT scope_id AS id FROM scopes
WHERE scope_id NOT IN (
    SELECT scope_id FROM spans UNION SELECT scope_id FROM superseded UNION SELECT scope_id FROM pending
    UNION SELECT scope_id FROM logs UNION SELECT scope_id FROM metric_points
)
