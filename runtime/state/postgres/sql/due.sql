-- Steps that are due, those first that are so the longest; lanes of some agents are left out.
CREATE FUNCTION api.due(p_app text, p_limit integer, p_skip integer, p_without text[])
RETURNS TABLE (run uuid, workflow text, step text) LANGUAGE sql AS $$
    SELECT run, workflow, step FROM (
        (SELECT run, workflow, step, due_ms FROM causeline.steps
        WHERE app = p_app AND queue = 0 AND due_ms <= api.now_ms() ORDER BY due_ms, run, step LIMIT p_skip + p_limit)
        UNION ALL
        (SELECT run, workflow, step, due_ms FROM causeline.steps
        WHERE app = p_app AND queue = 2 AND due_ms <= api.now_ms() AND lane <> ALL (p_without)
        ORDER BY due_ms, run, step LIMIT p_skip + p_limit)
    ) AS found
    ORDER BY due_ms, run, step OFFSET p_skip LIMIT p_limit
$$;

-- Steps that wait for a cell and are due, oldest first, with how often their cells were lost unseen.
CREATE FUNCTION api.suspects(p_app text, p_limit integer)
RETURNS TABLE (run uuid, workflow text, step text, vanished integer) LANGUAGE sql AS $$
    SELECT run, workflow, step, vanished FROM causeline.steps
    WHERE app = p_app AND queue = 1 AND due_ms <= api.now_ms() ORDER BY due_ms, run, step LIMIT p_limit
$$;

-- What was set aside, by lane, with the oldest of each.
CREATE FUNCTION api.lanes(p_app text)
RETURNS TABLE (lane text, due bigint, run uuid, workflow text, step text, since_ms bigint, for_ms bigint)
LANGUAGE sql AS $$
    SELECT DISTINCT ON (lane) lane, count(*) OVER (PARTITION BY lane), run, workflow, step, due_ms, api.now_ms() - due_ms
    FROM causeline.steps WHERE app = p_app AND queue = 2 ORDER BY lane, due_ms, run, step
$$;

-- What an app's runs owe: steps that are due, lanes left out, those under way, those that wait for a cell.
CREATE FUNCTION api.backlog(p_app text, OUT due bigint, OUT under_way bigint, OUT suspects bigint) LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE queue = 0 AND due_ms <= api.now_ms()), count(*) FILTER (WHERE token IS NOT NULL),
        count(*) FILTER (WHERE queue = 1)
    FROM causeline.steps WHERE app = p_app AND queue IS NOT NULL
$$;

-- The first of a queue that is due, and for how long.
CREATE FUNCTION api.oldest(p_app text, p_queue integer)
RETURNS TABLE (run uuid, workflow text, step text, for_ms bigint) LANGUAGE sql AS $$
    SELECT run, workflow, step, api.now_ms() - due_ms FROM causeline.steps
    WHERE app = p_app AND queue = p_queue AND due_ms <= api.now_ms() ORDER BY due_ms, run, step LIMIT 1
$$;
