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
),
-- Each call of a model once: where one lies within another, the inner one.
spoken AS MATERIALIZED (
    SELECT trace_id, min(session_id) AS one_session, count(DISTINCT session_id) AS sessions FROM spans
    WHERE session_id IS NOT NULL AND trace_id IN (
        SELECT trace_id FROM spans WHERE session_id IN (SELECT session_id FROM page)
    )
    GROUP BY trace_id
),
calls AS (
    SELECT
        coalesce(s.session_id, CASE WHEN sessions = 1 THEN one_session END) AS session_id, s.work AS work
    FROM spans AS s JOIN spoken USING (trace_id)
    WHERE s.role IN ('model', 'embedding') AND NOT EXISTS (
        SELECT 1 FROM spans AS inner_call
        WHERE inner_call.trace_id = s.trace_id AND inner_call.parent_span_id = s.span_id
            AND inner_call.role IN ('model', 'embedding')
    )
),
used AS (
    SELECT
        session_id, count(*) AS calls,
        count(*) FILTER (WHERE work.input_tokens IS NULL AND work.output_tokens IS NULL) AS unreported,
        sum(work.input_tokens)::BIGINT AS input_tokens, sum(work.output_tokens)::BIGINT AS output_tokens,
        sum(work.cache_read_tokens)::BIGINT AS cache_read_tokens,
        sum(work.cache_write_tokens)::BIGINT AS cache_write_tokens,
        sum(work.reasoning_tokens)::BIGINT AS reasoning_tokens
    FROM calls
    GROUP BY session_id
)
SELECT
    page.session_id, page.listed_ns, page.key, coalesce(page.users, []) AS users, coalesce(runs, 0) AS runs,
    coalesce(failed, 0) AS failed, coalesce(running, 0) AS running, coalesce(services, []) AS services,
    least(page.first_ns, coalesce(totals.first_ns, page.first_ns)) AS begun_ns,
    greatest(page.listed_ns, coalesce(totals.last_ns, page.listed_ns)) AS last_ns,
    calls, unreported, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens
FROM page LEFT JOIN totals USING (session_id) LEFT JOIN used USING (session_id)
ORDER BY page.listed_ns DESC, page.key DESC
