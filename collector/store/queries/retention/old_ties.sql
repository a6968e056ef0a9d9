-- Pairs of old traces that belong together.
SELECT number, min(number) OVER (PARTITION BY key) AS other FROM old_keys QUALIFY number <> other
UNION
SELECT a.number, b.number
FROM span_links AS l JOIN old_traces AS a USING (trace_id) JOIN old_traces AS b ON b.trace_id = l.linked_trace_id
WHERE a.number <> b.number
