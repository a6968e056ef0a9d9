DELETE FROM span_events WHERE (trace_id, span_id) IN (SELECT trace_id, span_id FROM cut)
