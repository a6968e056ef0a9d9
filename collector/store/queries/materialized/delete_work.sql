DELETE FROM materialized_work WHERE node_id IN (SELECT CAST(node_id AS UUID) FROM outdated_nodes)
