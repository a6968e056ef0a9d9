DELETE FROM span_links WHERE (trace_id, span_id) IN (SELECT trace_id, span_id FROM cut)
