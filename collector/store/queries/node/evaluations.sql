FROM evaluations_where(true, node_id = $id) ORDER BY time_ns, name, score, explanation
