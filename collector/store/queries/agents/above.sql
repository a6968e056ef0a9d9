-- The spans above one, the nearest first.
WITH RECURSIVE above AS (
    SELECT trace_id, span_id, parent_span_id, 0 AS height FROM spans 
    WHERE trace_id = $trace AND span_id = $span AND stored_us BETWEEN $since_us AND $until_us
    UNION
    SELECT s.trace_id, s.span_id, s.parent_span_id, above.height + 1
    FROM spans AS s JOIN above ON s.trace_id = above.trace_id AND s.span_id = above.parent_span_id
    WHERE above.height < 1000 AND s.stored_us BETWEEN $since_us AND $until_us
)
SELECT s.node_id, s.run_id, s.node_kind, s.role
FROM above JOIN spans AS s USING (trace_id, span_id)
WHERE height > 0 AND s.stored_us BETWEEN $since_us AND $until_us
ORDER BY height
