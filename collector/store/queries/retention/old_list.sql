SELECT number, CAST(trace_id AS VARCHAR) AS trace_id, first_ns, last_ns, newest_ns, records FROM old_traces ORDER BY number
