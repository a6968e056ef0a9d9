-- Whether there is anything that a trace of its own may have gone on with: to ask for that costs more than to look.
SELECT EXISTS (FROM spans WHERE outcome = 'waiting' AND role IN ('step', 'tool'))
    OR EXISTS (FROM spans WHERE operation = 'execute_task' AND role = 'step' AND parent_span_id IS NULL) AS apart
