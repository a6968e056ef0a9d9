-- When the oldest span was stored that is left.
SELECT coalesce((SELECT stored_us FROM spans ORDER BY stored_us LIMIT 1), 0) AS stored_us
