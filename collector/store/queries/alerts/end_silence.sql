UPDATE alert_silences SET ended_ns = $at_ns, ended_by = $operator WHERE silence_id = $silence_id AND ended_ns IS NULL
