-- How some steps and deliveries stand. The bounds let scans skip what a semi-join alone does not.
SELECT node_id, outcome, running, cut_ns
FROM work_where(node_id IN (SELECT unnest($ids)) AND node_id BETWEEN list_min($ids) AND list_max($ids))
