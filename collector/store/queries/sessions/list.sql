-- A page of sessions, those first in which something happened last, in the order of what was stored when the first page
-- was asked for. Which they are is found by the spans that name them; what they hold is worked out for the page alone.
WITH candidates AS (
    SELECT DISTINCT session_id FROM spans
    WHERE session_id IS NOT NULL AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
        AND ($session IS NULL OR session_id = $session)
),
page AS MATERIALIZED (
    SELECT
        session_id, max(start_ns) AS listed_ns, min(start_ns) AS first_ns, foreign_node(encode(session_id)) AS key,
        list(DISTINCT user_id ORDER BY user_id) FILTER (WHERE user_id IS NOT NULL) AS users
    FROM spans
    WHERE session_id IN (SELECT session_id FROM candidates) AND stored_us <= $as_of
    GROUP BY session_id
    HAVING (listed_ns, key) < ($before_ns::BIGINT, $before_id::UUID)
        AND ($user IS NULL OR bool_or(user_id = $user))
        AND (
            $pattern IS NULL
            OR bool_or(says(concat_ws(chr(10), session_id, user_id, service, agent, workflow), $literal, $pattern))
        )
    ORDER BY listed_ns DESC, key DESC
    LIMIT $most
),
totals AS (
    SELECT
        session_id, count(*) AS runs, count(*) FILTER (WHERE failed) AS failed, count(*) FILTER (WHERE running) AS running,
        min(start_ns) AS first_ns, max(coalesce(end_ns, start_ns)) AS last_ns,
        list_sort(list_distinct(flatten(list(services)))) AS services
    FROM runs_of_sessions(session_id IN (SELECT session_id FROM page))
    GROUP BY session_id
)
SELECT
    page.session_id, page.listed_ns, page.key, coalesce(page.users, []) AS users, coalesce(runs, 0) AS runs,
    coalesce(failed, 0) AS failed, coalesce(running, 0) AS running, coalesce(services, []) AS services,
    least(page.first_ns, coalesce(totals.first_ns, page.first_ns)) AS begun_ns,
    greatest(page.listed_ns, coalesce(totals.last_ns, page.listed_ns)) AS last_ns
FROM page LEFT JOIN totals USING (session_id)
ORDER BY page.listed_ns DESC, page.key DESC
