FROM evaluations_where(true, node_id = $id AND stored_us BETWEEN $since_us AND $until_us) ORDER BY time_ns, name, score, explanation
