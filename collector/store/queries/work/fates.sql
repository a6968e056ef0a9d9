-- How some steps and deliveries stand: where they were stored, and where their runs were.
SELECT node_id, outcome, running, cut_ns
FROM work_where(
    node_id IN (SELECT unnest($ids)) AND node_id BETWEEN list_min($ids) AND list_max($ids)
    AND (running OR stored_us BETWEEN $since_us AND $until_us),
    of_runs := stored_us BETWEEN $runs_since_us AND $runs_until_us
)
