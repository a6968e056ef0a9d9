SELECT * FROM runs_where(node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
