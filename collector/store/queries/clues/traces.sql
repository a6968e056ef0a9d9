-- Traces of which a span says so, in one of the ways that are asked for, each once where that is asked; with tops, of those
-- alone in which a run of others can lie.
SELECT CAST(trace_id AS BLOB) AS id
FROM (
    SELECT trace_id FROM spans WHERE false
    --[$service
    UNION ALL
    SELECT trace_id FROM spans WHERE service = $service
    --]
    --[$agent
    UNION ALL
    SELECT trace_id FROM spans WHERE agent = $agent
    --]
    --[$step
    UNION ALL
    SELECT trace_id FROM spans WHERE step = $step
    --]
    --[$session
    UNION ALL
    SELECT trace_id FROM spans WHERE session_id = $session
    --]
    --[$model
    UNION ALL
    SELECT trace_id FROM spans WHERE role IS NOT NULL AND $model IN (work.model, work.response_model)
    --]
    --[$outcome
    UNION ALL
    SELECT trace_id FROM spans WHERE outcome = $outcome AND node_kind = 'span'
    --]
    --[$status_code
    UNION ALL
    SELECT trace_id FROM spans WHERE status_code = $status_code
    --]
    --[$status_of_others
    UNION ALL
    SELECT trace_id FROM spans WHERE status_code = $status_of_others AND node_kind = 'span'
    --]
    --[$run
    UNION ALL
    SELECT trace_id FROM spans WHERE workflow = $run AND node_kind = 'span'
    UNION ALL
    SELECT trace_id FROM spans WHERE agent = $run AND node_kind = 'span'
    UNION ALL
    SELECT trace_id FROM spans WHERE step = $run AND node_kind = 'span'
    UNION ALL
    SELECT trace_id FROM spans WHERE name = $run AND node_kind = 'span'
    --]
    --[$is_open
    UNION ALL
    SELECT trace_id FROM spans WHERE end_ns IS NULL AND node_kind = 'span'
    --]
)
--[$with_tops
WHERE trace_id IN (SELECT trace_id FROM spans WHERE node_kind = 'span' AND (role IS NOT NULL OR parent_span_id IS NULL))
--]
--[$is_distinct
GROUP BY trace_id
--]
LIMIT $most
