-- What was unused a moment ago may be in use again.
DELETE FROM resources
WHERE resource_id IN (SELECT unnest($ids)) AND resource_id NOT IN (
    SELECT resource_id FROM spans UNION ALL SELECT resource_id FROM superseded UNION ALL SELECT resource_id FROM pending
    UNION ALL SELECT resource_id FROM logs UNION ALL SELECT resource_id FROM metric_points
)
