DELETE FROM spans WHERE start_ns < $until_ns AND (trace_id, span_id, start_ns) IN (FROM cut)
