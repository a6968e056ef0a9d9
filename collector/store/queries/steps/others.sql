-- Attempts at steps of agents of others, each with what it was the last of; steps of a range of time that are asked for.
-- What a program tells by our own tracer is told by itself: `causeline` is the source of what our runtime ran.
SELECT
    told.node_id, told.workflow, told.step, told.agent, told.service, coalesce(nullif(scopes.name, 'causeline'), '') AS source, told.start_ns,
    lasted(told.start_ns, told.end_ns) AS took_ns, told.attempts, told.is_last, told.outcome
FROM agent_steps_between($first_ns, $end_ns) AS told LEFT JOIN scopes USING (scope_id)
WHERE true
    --[$workflow
    AND told.workflow = $workflow
    --]
    --[$step
    AND told.step = $step
    --]
    --[$app
    AND told.service = $app
    --]
    --[$agent
    AND told.agent = $agent
    --]
    --[$model
    AND (told.trace_id, told.span_id) IN (FROM above_model($model, $first_ns))
    --]
    --[$pattern
    AND says(concat_ws(chr(10), told.workflow, told.step, told.agent), $literal, $pattern)
    --]
