-- Log records of no trace that is stored.
DELETE FROM logs
WHERE log_time(time_ns, observed_ns) < $until_ns
    AND NOT EXISTS (SELECT 1 FROM spans WHERE spans.trace_id = logs.trace_id)
    AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.trace_id = logs.trace_id)
