-- When the oldest span was stored that is left; the condition is as for `lists/extent.sql`.
SELECT coalesce((SELECT stored_us FROM spans WHERE stored_us >= -9223372036854775808 ORDER BY stored_us LIMIT 1), 0) AS stored_us
