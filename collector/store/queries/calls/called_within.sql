-- What was called in the traces of some sessions, or of some runs of ours, as prices are looked up by it. Ids of runs begin
-- with their time: by their bounds most of what is stored is not read.
SELECT work.response_model, work.model, work.provider, work.service_tier, count(*) AS calls
FROM spans
WHERE role IS NOT NULL -- as all that has `work`; most blocks hold none
    AND (is_paid(role) OR work.input_tokens IS NOT NULL) AND trace_id IN (
    SELECT trace_id FROM spans
    WHERE true
    --[$sessions
        AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
    --]
    --[$runs
        AND run_id IN (SELECT unnest($runs::UUID[]))
        AND run_id BETWEEN list_min($runs::UUID[]) AND list_max($runs::UUID[])
    --]
)
GROUP BY ALL
ORDER BY calls DESC
LIMIT $most
