-- When the oldest span was stored that is left.
SELECT coalesce(min(stored_us), 0) AS stored_us FROM spans
