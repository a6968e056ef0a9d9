-- What was called in the traces of a run of ours, as prices are looked up by it.
SELECT work.response_model, work.model, work.provider, work.service_tier, count(*) AS calls
FROM spans
WHERE trace_id IN (SELECT trace_id FROM spans WHERE run_id = $id) AND (is_paid(role) OR work.input_tokens IS NOT NULL)
GROUP BY ALL
ORDER BY calls DESC
LIMIT $most
