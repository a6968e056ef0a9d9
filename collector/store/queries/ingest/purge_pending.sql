-- Markers whose work has arrived say nothing any more.
DELETE FROM pending
WHERE EXISTS (
    SELECT 1 FROM spans WHERE spans.trace_id = pending.trace_id AND spans.span_id = pending.parent_span_id
)
