-- What tells of some runs: that each was accepted, and how each of its lives ended; with all that a list shows, where that is
-- asked for.
SELECT
    node_id AS run_id, span_id, attempt, outcome, step AS failed_step, step_place AS failed_place, start_ns, end_ns
    --[$shown
    , stored_us, workflow, service, run_version AS version, subject, correlation_id, input_keys
    --]
FROM spans
WHERE node_kind = 'run' AND node_id IN (SELECT unnest($ids)) AND stored_us BETWEEN $since_us AND $until_us
