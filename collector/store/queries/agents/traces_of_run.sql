-- The traces of one of our runs, also of what goes on.
SELECT trace_id FROM spans WHERE run_id = $id AND stored_us BETWEEN $since_us AND $until_us
UNION
SELECT trace_id FROM pending WHERE run_id = $id
ORDER BY trace_id
