-- Breakers that were open, and ended to be so within a window. Each is a span of its own.
SELECT
    breaker,
    start_ns,
    end_ns,
    operator,
    text_at(attributes, keys_of(attributes), 'causeline.breaker.why') AS why,
    replace(trace_id::VARCHAR, '-', '') AS trace_id
FROM spans
WHERE breaker IS NOT NULL AND name = 'breaker ' || breaker AND end_ns >= $first_ns AND end_ns < $end_ns
ORDER BY end_ns DESC, breaker
LIMIT $most
