-- How some runs stand in their latest life, and when that began.
SELECT run_id, start_ns, life, is_resumed, outcome, failed_step, failed_place, begun_ns, end_ns
FROM runs_where(
    node_id IN (SELECT unnest($ids)) AND node_id BETWEEN list_min($ids) AND list_max($ids)
    AND stored_us BETWEEN $since_us AND $until_us
)
