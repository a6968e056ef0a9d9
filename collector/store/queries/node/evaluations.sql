SELECT * FROM evaluations WHERE node_id = $id ORDER BY time_ns, name
