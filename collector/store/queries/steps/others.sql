-- Attempts at steps of agents of others that began in a range of time, each with what it was the last of. All that was stored of
-- their traces was stored within `$since_us` and `$until_us`.
-- What a program tells by our own tracer is told by itself: `causeline` is the source of what our runtime ran.
SELECT
    told.trace_id, told.span_id, told.node_id, told.workflow, told.step, told.agent, told.service,
    coalesce(nullif(scopes.name, 'causeline'), '') AS source, told.start_ns,
    lasted(told.start_ns, told.end_ns) AS took_ns, told.attempts, told.is_last, told.outcome
FROM agent_steps_between($first_ns, $end_ns, $since_us, $until_us) AS told LEFT JOIN scopes USING (scope_id)
