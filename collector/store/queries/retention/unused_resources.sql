-- Those that nothing names. What is named is counted once: as often as it is, it does not fit into memory.
SELECT resource_id AS id FROM resources
WHERE resource_id NOT IN (
    SELECT resource_id FROM spans UNION SELECT resource_id FROM superseded UNION SELECT resource_id FROM pending
    UNION SELECT resource_id FROM logs UNION SELECT resource_id FROM metric_points
)
