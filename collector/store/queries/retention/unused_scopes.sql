SELECT scope_id AS id FROM scopes
WHERE scope_id NOT IN (
    SELECT scope_id FROM spans UNION ALL SELECT scope_id FROM superseded UNION ALL SELECT scope_id FROM pending
    UNION ALL SELECT scope_id FROM logs UNION ALL SELECT scope_id FROM metric_points
)
