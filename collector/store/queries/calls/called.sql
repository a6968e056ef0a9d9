-- What was called in a range of time, as prices are looked up by it.
SELECT work.response_model, work.model, work.provider, work.service_tier, count(*) AS calls
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND (is_paid(role) OR work.input_tokens IS NOT NULL)
GROUP BY ALL
ORDER BY calls DESC
LIMIT $most
