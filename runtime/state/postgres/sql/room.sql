-- What limits let begin.

-- The limits that hold for a run, in the order of their names: one by a key holds for the value that the run has of it, and
-- not for a run that has none, because it began before there was such a limit.
CREATE FUNCTION api.limits_of(
    p_values jsonb, p_names text[], p_keys text[], p_at_once integer[], p_calls integer[], p_tokens bigint[]
) RETURNS TABLE (name text, at_once integer, calls integer, tokens bigint) LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM (
        SELECT CASE key WHEN '' THEN name ELSE name || E'\n' || (p_values ->> key) END, at_once, calls, tokens
        FROM unnest(p_names, p_keys, p_at_once, p_calls, p_tokens) AS one (name, key, at_once, calls, tokens)
    ) AS held (name, at_once, calls, tokens)
    WHERE name IS NOT NULL ORDER BY name COLLATE "C"
$$;

-- How many more attempts a limit lets begin now; null for any number. A permit is no counter that might be left behind: it
-- counts while its attempt has its lease, however that ends.
CREATE FUNCTION api.room(p_app text, p_name text, p_at_once integer, p_calls integer, p_tokens bigint, p_now bigint)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
    used record;
BEGIN
    IF p_at_once IS NOT NULL THEN
        SELECT p_at_once - count(*) INTO free FROM causeline.permits AS permit
        JOIN causeline.steps AS held ON held.run = permit.run AND held.step = permit.step AND held.token = permit.token
        WHERE permit.app = p_app AND md5(permit.name) = md5(p_name) AND permit.name = p_name;
    END IF;
    IF p_calls IS NOT NULL OR p_tokens IS NOT NULL THEN
        SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(tokens), 0) AS tokens INTO used FROM causeline.spent
        WHERE app = p_app AND name = p_name AND second >= p_now / 1000 - 60;
        IF p_calls IS NOT NULL THEN free := least(free, p_calls - used.calls); END IF;
        IF used.tokens >= p_tokens THEN free := 0; END IF;
    END IF;
    RETURN CASE WHEN free < 0 THEN 0 ELSE free END;
END $$;

-- Forgets permits of attempts that have ended.
CREATE FUNCTION api.drop_permits(p_app text, p_name text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM causeline.permits WHERE ctid IN (
        SELECT permit.ctid FROM causeline.permits AS permit
        WHERE permit.app = p_app AND md5(permit.name) = md5(p_name) AND permit.name = p_name AND NOT EXISTS (
            SELECT FROM causeline.steps AS held
            WHERE held.run = permit.run AND held.step = permit.step AND held.token = permit.token
        )
        FOR UPDATE OF permit SKIP LOCKED
    )
$$;

-- Counts calls and tokens for a limit, and forgets what is over a minute old.
CREATE FUNCTION api.count_spent(p_app text, p_name text, p_calls integer, p_tokens bigint, p_now bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.spent AS one (app, name, second, calls, tokens)
    VALUES (p_app, p_name, p_now / 1000, p_calls, p_tokens)
    ON CONFLICT (app, name, second) DO UPDATE SET calls = one.calls + p_calls, tokens = one.tokens + p_tokens;
    DELETE FROM causeline.spent WHERE (app, name, second) IN (
        SELECT app, name, second FROM causeline.spent
        WHERE app = p_app AND name = p_name AND second < p_now / 1000 - 60 FOR UPDATE SKIP LOCKED
    );
END $$;

-- Counts what attempts that a limit holds for have spent.
CREATE FUNCTION api.spend(p_app text, p_name text, p_calls integer, p_tokens bigint) RETURNS void LANGUAGE sql AS $$
    SELECT api.count_spent(p_app, p_name, p_calls, p_tokens, api.now_ms())
$$;

-- How many more attempts each limit lets begin now; null for any number.
CREATE FUNCTION api.free(p_app text, p_names text[], p_at_once integer[], p_calls integer[], p_tokens bigint[])
RETURNS TABLE (name text, free integer) LANGUAGE sql AS $$
    SELECT one.name, api.room(p_app, one.name, at_once, calls, tokens, api.now_ms())
    FROM unnest(p_names, p_at_once, p_calls, p_tokens) AS one (name, at_once, calls, tokens)
$$;

-- The first steps of a lane that are due.
CREATE FUNCTION api.in_lane(p_app text, p_lane text, p_limit integer)
RETURNS TABLE (run uuid, workflow text, step text) LANGUAGE sql AS $$
    SELECT run, workflow, step FROM causeline.steps
    WHERE app = p_app AND queue = 2 AND lane = p_lane AND due_ms <= api.now_ms() ORDER BY due_ms, run, step LIMIT p_limit
$$;

-- Forgets permits of attempts that have ended, of the limits that are named; those of some agents whose steps are set aside.
CREATE FUNCTION api.made_room(p_app text, p_agents text[], p_names text[]) RETURNS TABLE (agent text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.drop_permits(p_app, name) FROM unnest(p_names) AS one (name);
    RETURN QUERY SELECT asked FROM unnest(p_agents) AS asked WHERE EXISTS (
        SELECT FROM causeline.steps WHERE app = p_app AND queue = 2 AND lane IN (asked, asked || E'\n')
    );
END $$;

-- What of limits is used: attempts under way, calls and tokens of the last minute.
CREATE FUNCTION api.uses(p_app text, p_names text[]) RETURNS TABLE (at_once bigint, calls bigint, tokens bigint)
LANGUAGE sql AS $$
    SELECT (
        SELECT count(*) FROM causeline.permits AS permit
        JOIN causeline.steps AS held ON held.run = permit.run AND held.step = permit.step AND held.token = permit.token
        WHERE permit.app = p_app AND md5(permit.name) = md5(asked.name) AND permit.name = asked.name
    ), coalesce(spent.calls, 0), coalesce(spent.tokens, 0)
    FROM unnest(p_names) WITH ORDINALITY AS asked (name, at)
    CROSS JOIN LATERAL (
        SELECT sum(calls) AS calls, sum(tokens)::bigint AS tokens FROM causeline.spent
        WHERE app = p_app AND name = asked.name AND second >= api.now_ms() / 1000 - 60
    ) AS spent
    ORDER BY asked.at
$$;
