-- Services whose spans begin after a moment that has not come yet, and how far ahead of their arrival they begin at most.
SELECT service, max(start_ns) AS latest_ns, max(start_ns - least(coalesce(stored_us * 1000, $now_ns), $now_ns)) AS ahead_ns, count(*) AS spans
FROM spans
WHERE start_ns > $horizon_ns
GROUP BY service
ORDER BY latest_ns DESC
