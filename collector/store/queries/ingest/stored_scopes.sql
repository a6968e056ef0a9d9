SELECT scope_id AS id FROM scopes WHERE scope_id IN (SELECT unnest($ids))
