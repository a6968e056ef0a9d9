-- Of the attempts that are the table `attempts` those at steps that are asked for, of a range of time.
SELECT told.node_id, told.workflow, told.step, told.agent, told.service, told.source, told.start_ns, told.took_ns, told.attempts,
    told.is_last, told.outcome
FROM attempts AS told
WHERE told.start_ns >= $first_ns AND told.start_ns < $end_ns
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
    AND (CAST(told.trace_id AS UUID), told.span_id) IN (FROM above_model($model, $first_ns))
    --]
    --[$pattern
    AND says(concat_ws(chr(10), told.workflow, told.step, told.agent), $literal, $pattern)
    --]
