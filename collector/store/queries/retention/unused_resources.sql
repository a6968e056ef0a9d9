SELECT resource_id AS id FROM resources
WHERE resource_id NOT IN (
    SELECT resource_id FROM spans UNION ALL SELECT resource_id FROM superseded UNION ALL SELECT resource_id FROM pending
    UNION ALL SELECT resource_id FROM logs UNION ALL SELECT resource_id FROM metric_points
)
