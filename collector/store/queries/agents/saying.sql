-- Those of some traces in which somebody says what is asked for: all of it, each in any span.
SELECT trace_id AS id
FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
GROUP BY trace_id
HAVING true
    --[$app
    AND bool_or(service = $app)
    --]
    --[$agent
    AND bool_or(is_work_of($agent, role, operation, agent, step, service))
    --]
    --[$model
    AND bool_or(is_call_of($model, role, work))
    --]
    --[$waiting
    AND bool_or($waiting AND outcome = 'waiting')
    --]
