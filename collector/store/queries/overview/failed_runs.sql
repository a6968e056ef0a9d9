-- How many runs of ours that began in a range of time have failed. All that names them was stored within `$named_since_us`
-- and `$named_until_us`.
SELECT count(*) AS failed
FROM runs_where(
    node_id IN (SELECT node_id FROM spans WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns)
    AND stored_us BETWEEN $named_since_us AND $named_until_us
)
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND outcome = 'failed'
