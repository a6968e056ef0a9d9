-- The steps of the runs that are looked at. `returned` says whether a step returned anything; NULL where no copy of it is kept.
SELECT
    node_id, any_value(run_id) AS run_id, any_value(step) AS step, coalesce(arg_max(agent, attempt), any_value(service), '') AS agent,
    min(start_ns) AS start_ns, max(end_ns) AS end_ns,
    arg_max(causes, attempt) AS causes, arg_max(keys_read, attempt) AS keys_read,
    arg_max(outcome, attempt) FILTER (WHERE can_decide(false, outcome)) AS outcome,
    arg_max(left(result, 8) <> 'null', attempt) FILTER (WHERE outcome = 'ok' AND result IS NOT NULL) AS returned,
    bool_or(starts_with(step_place, '~')) AS is_undo
FROM spans
WHERE node_kind = 'step' AND run_id IN (SELECT run_id FROM advised_runs)
    AND start_ns >= (SELECT coalesce(min(start_ns), 0) FROM advised_runs)
GROUP BY node_id
ORDER BY start_ns, node_id
