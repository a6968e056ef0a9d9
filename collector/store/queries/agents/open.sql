-- The spans below which work of ours goes on, in some traces.
SELECT trace_id, parent_span_id FROM pending WHERE trace_id IN (SELECT unnest($traces))
