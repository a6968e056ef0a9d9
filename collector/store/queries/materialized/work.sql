FROM work_to_materialize($first_ns, node_id IN (SELECT node_id FROM changed WHERE part = $part)) ORDER BY start_ns
