-- What was firing when the collector ended.
FROM alerts WHERE resolved_ns IS NULL ORDER BY started_ns, alert_id
