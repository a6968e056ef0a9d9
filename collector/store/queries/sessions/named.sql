-- Of some sessions who their users are, when they began, and which traces tell of them. All that was stored of them was stored
-- within `$since_us` and `$until_us`.
SELECT
    session_id, min(start_ns) AS first_ns, list(DISTINCT trace_id) AS traces,
    coalesce(list(DISTINCT user_id ORDER BY user_id) FILTER (WHERE user_id IS NOT NULL), []) AS users
FROM spans
WHERE session_id IN (SELECT unnest($sessions::VARCHAR[])) AND stored_us BETWEEN $since_us AND $until_us
GROUP BY session_id
