-- The traces of one of our runs in which a span of others plays a part in an agent's work.
SELECT DISTINCT trace_id FROM spans
WHERE run_id = $id AND trace_id IN (SELECT trace_id FROM spans WHERE role IS NOT NULL)
ORDER BY trace_id
LIMIT $most
