-- A page of the runs of one session, oldest first.
SELECT run_id, is_own, start_ns, trace_id, span_id, last_trace_id, last_span_id
FROM runs_of_sessions_near(
    session_id = $session AND stored_us <= $as_of,
    trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
)
WHERE session_id = $session AND start_ns >= $first_ns AND start_ns < $end_ns
    AND (start_ns, run_id) > ($after_ns::BIGINT, $after_id::UUID)
ORDER BY start_ns, run_id
LIMIT $most
