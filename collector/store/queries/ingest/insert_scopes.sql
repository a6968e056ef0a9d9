INSERT INTO scopes BY NAME
SELECT * FROM incoming_scopes
ANTI JOIN scopes USING (scope_id)
QUALIFY row_number() OVER (PARTITION BY scope_id) = 1
