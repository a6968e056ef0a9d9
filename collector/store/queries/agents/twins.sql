-- Calls of models that gave some answers and began in a range of time, whatever their traces.
SELECT
    s.trace_id, s.span_id, s.parent_span_id, s.node_id, s.name, s.start_ns, s.end_ns, s.role, s.work,
    coalesce(scopes.name, '') AS scope
FROM spans AS s LEFT JOIN scopes USING (scope_id)
WHERE s.start_ns >= $first_ns AND s.start_ns <= $last_ns AND s.role IN ('model', 'embedding')
    AND s.work.response_id IN (SELECT unnest($answers))
LIMIT $most
