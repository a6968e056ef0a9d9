SELECT span_id, time_ns, name, attributes FROM span_events WHERE trace_id = $id ORDER BY span_id, position
