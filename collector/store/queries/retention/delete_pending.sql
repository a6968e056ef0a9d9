-- The bounds let the scan skip what is elsewhere in time.
DELETE FROM pending
WHERE trace_id IN (SELECT CAST(trace_id AS UUID) FROM doomed) AND start_ns BETWEEN $first_ns AND $last_ns
