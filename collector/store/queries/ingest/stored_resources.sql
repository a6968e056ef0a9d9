SELECT resource_id AS id FROM resources WHERE resource_id IN (SELECT unnest($ids))
