SELECT * FROM runs_where(node_id = $id)
