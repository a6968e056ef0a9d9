-- A page of sessions, those first in which something happened last, in the order of what was stored when the first page
-- was asked for. Which they are is found by the spans that name them; what they hold is worked out for a page alone. A
-- certain one is looked for where all of it was stored.
WITH named AS (
    -- Texts are looked through once for all spans that are alike.
    SELECT session_id, user_id, service, agent, workflow, max(start_ns) AS last_ns
    FROM spans
    WHERE session_id IS NOT NULL AND stored_us <= $as_of
    --[$session
        AND session_id = $session AND stored_us BETWEEN $since_us AND $until_us
    --]
    --[$first_ns
        AND session_id IN (
            SELECT session_id FROM spans
            WHERE session_id IS NOT NULL AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
        )
    --]
    GROUP BY ALL
)
SELECT session_id, max(last_ns) AS listed_ns, foreign_node(encode(session_id)) AS key
FROM named
GROUP BY session_id
HAVING (listed_ns, key) < ($before_ns::BIGINT, $before_id::UUID)
    AND ($user IS NULL OR bool_or(user_id = $user))
    AND (
        $pattern IS NULL
        OR bool_or(says(concat_ws(chr(10), session_id, user_id, service, agent, workflow), $literal, $pattern))
    )
ORDER BY listed_ns DESC, key DESC
LIMIT $most
