-- Services whose spans begin after a moment that has not come yet.
SELECT service, max(start_ns) AS latest_ns, count(*) AS spans
FROM spans
WHERE start_ns > $horizon_ns
GROUP BY service
ORDER BY latest_ns DESC
