-- Those runs.
FROM advised_runs ORDER BY start_ns DESC, run_id
