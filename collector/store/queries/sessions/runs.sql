-- A page of the runs of one session, oldest first; `spans` holds those of its traces alone.
SELECT run_id, is_own, start_ns, trace_id, span_id, last_trace_id, last_span_id
FROM runs_of_sessions_near(session_id = $session AND stored_us <= $as_of, true)
WHERE session_id = $session AND start_ns >= $first_ns AND start_ns < $end_ns
    AND (start_ns, run_id) > ($after_ns::BIGINT, $after_id::UUID)
ORDER BY start_ns, run_id
LIMIT $most
