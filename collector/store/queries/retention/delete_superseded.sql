DELETE FROM superseded WHERE trace_id IN (SELECT CAST(trace_id AS UUID) FROM doomed)
