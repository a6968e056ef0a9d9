-- Keeps the newest of what is over.
DELETE FROM alerts
WHERE resolved_ns <= (
    SELECT resolved_ns FROM alerts WHERE resolved_ns IS NOT NULL ORDER BY resolved_ns DESC LIMIT 1 OFFSET $keep
)
