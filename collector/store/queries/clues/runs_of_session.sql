-- Runs of ours of a session, which some traces tell of.
SELECT CAST(run_id AS BLOB) AS id
FROM runs_of_sessions_near(
    session_id = $session,
    trace_id IN (SELECT CAST(id AS UUID) FROM clues) AND stored_us BETWEEN $since_us AND $until_us
)
WHERE session_id = $session AND is_own
LIMIT $most
