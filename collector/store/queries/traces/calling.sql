-- The traces in which something was called in a range of time.
SELECT DISTINCT trace_id AS id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND (is_detail(role) OR tells_tokens(work))
LIMIT $most
