DELETE FROM superseded WHERE (trace_id, span_id) IN (SELECT trace_id, span_id FROM cut)
