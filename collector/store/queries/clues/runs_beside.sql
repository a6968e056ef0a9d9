-- Runs of ours in whose traces an agent has a part, or a model is called.
SELECT CAST(run_id AS BLOB) AS id
FROM spans
WHERE run_id IS NOT NULL
--[$agent
    AND trace_id IN (SELECT trace_id FROM spans WHERE agent = $agent)
--]
--[$model
    AND trace_id IN (SELECT trace_id FROM spans WHERE role IS NOT NULL AND $model IN (work.model, work.response_model))
--]
LIMIT $most
