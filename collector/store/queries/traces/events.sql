SELECT span_id, time_ns, name, attributes FROM happenings WHERE trace_id = $id AND name <> '' ORDER BY span_id, position
