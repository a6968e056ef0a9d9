-- How far a slice reaches that begins at a time and holds about so many spans: all that was stored at once goes together.
SELECT coalesce(min(stored_us + 1) FILTER (WHERE spans >= $most), $until_us) AS until_us
FROM (
    SELECT stored_us, sum(count(*)) OVER (ORDER BY stored_us) AS spans
    FROM spans
    WHERE stored_us >= $since_us AND stored_us < $until_us
    GROUP BY stored_us
)
