-- What was unused a moment ago may be in use again.
DELETE FROM scopes
WHERE scope_id IN (SELECT unnest($ids)) AND scope_id NOT IN (
    SELECT scope_id FROM spans UNION ALL SELECT scope_id FROM superseded UNION ALL SELECT scope_id FROM pending
    UNION ALL SELECT scope_id FROM logs UNION ALL SELECT scope_id FROM metric_points
)
