-- Records that came beside another of the same span with other content. The export tells itself of those that it holds
-- beside one another: its own counts come with it.
INSERT INTO replacements
SELECT $at_ns, contradicts, count(*)
FROM contested
WHERE origin = 2 AND differs AND (trace_id, span_id) NOT IN (
    SELECT (stored.trace_id, stored.span_id)
    FROM contested AS stored
    JOIN read_parquet($superseded) AS told
        ON told.trace_id = stored.trace_id AND told.span_id = stored.span_id AND told.record_hash = stored.record_hash
    WHERE stored.origin = 0
)
GROUP BY contradicts
HAVING count(*) > 0
