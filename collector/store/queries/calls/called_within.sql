-- What was called in some traces, as prices are looked up by it.
SELECT work.response_model, work.model, work.provider, work.service_tier, count(*) AS calls
FROM spans
WHERE role IS NOT NULL -- as all that has `work`; most blocks hold none
    AND (is_paid(role) OR work.input_tokens IS NOT NULL)
    AND trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
GROUP BY ALL
ORDER BY calls DESC
LIMIT $most
