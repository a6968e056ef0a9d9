-- The ends of one run, one a life; it has several where it failed and was resumed.
SELECT coalesce(attempt, 1) AS life, outcome, start_ns, end_ns, step AS failed_step, step_place AS failed_place, error_type, status_message
FROM spans
WHERE node_kind = 'run' AND node_id = $id AND outcome IS NOT NULL AND stored_us BETWEEN $since_us AND $until_us
QUALIFY row_number() OVER (PARTITION BY life ORDER BY start_ns, span_id) = 1
ORDER BY life
