-- What some sessions hold, of whose traces `spans` holds those alone.
SELECT
    session_id, count(*) AS runs, count(*) FILTER (WHERE failed) AS failed, count(*) FILTER (WHERE running) AS running,
    min(start_ns) AS first_ns, max(coalesce(end_ns, start_ns)) AS last_ns,
    list_sort(list_distinct(flatten(list(services)))) AS services
FROM runs_of_sessions_near(session_id IN (SELECT unnest($sessions::VARCHAR[])), true)
WHERE session_id IN (SELECT unnest($sessions::VARCHAR[]))
GROUP BY session_id
