-- Spans, and markers of work whose span has not arrived yet; `running` tells them apart.
CREATE OR REPLACE VIEW records AS
SELECT *, false AS running FROM spans
UNION ALL BY NAME
SELECT *, true AS running FROM pending
WHERE NOT EXISTS (
    SELECT 1 FROM spans WHERE spans.trace_id = pending.trace_id AND spans.span_id = pending.parent_span_id
);
