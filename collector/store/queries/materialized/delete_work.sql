DELETE FROM materialized_work WHERE node_id IN (SELECT CAST(node_id AS UUID) FROM nodes_of_part)
