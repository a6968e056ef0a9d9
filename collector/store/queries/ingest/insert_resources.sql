INSERT INTO resources BY NAME
SELECT * FROM incoming_resources
ANTI JOIN resources USING (resource_id)
QUALIFY row_number() OVER (PARTITION BY resource_id) = 1
