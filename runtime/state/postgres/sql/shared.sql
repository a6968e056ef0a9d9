-- What several operations are made of. None is called from outside. What reads or writes tables is PL/pgSQL, which keeps its
-- plans for the session: a function in SQL that can't be put into its caller is planned anew in each transaction.

-- What is to be told once an operation is committed: how many steps are due at once, and which runs have ended.
CREATE TYPE api.effects AS (woken integer, told uuid[]);

CREATE FUNCTION api.both(one api.effects, other api.effects) RETURNS api.effects LANGUAGE sql IMMUTABLE AS $$
    SELECT one.woken + other.woken, one.told || other.told
$$;

-- Locks how a run stands, and returns it. Everything that changes a run does so first.
CREATE FUNCTION api.locked(p_run uuid) RETURNS causeline.standings LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings;
BEGIN
    SELECT * INTO stands FROM causeline.standings WHERE run = p_run FOR NO KEY UPDATE;
    RETURN stands;
END $$;

-- Whether a step may still be worked on: while its run goes on, or, if it is an undo, while that is undone.
CREATE FUNCTION api.goes_on(status text, step text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(status = CASE WHEN starts_with(step, '~') THEN 'undoing' ELSE 'running' END, false)
$$;

-- An attempt's own lease: whoever lost it, or whose run has ended, changes nothing.
CREATE FUNCTION api.owns(stands causeline.standings, held causeline.steps, p_token text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF held.token IS DISTINCT FROM p_token THEN RETURN false; END IF;
    IF api.goes_on(stands.status, held.step) THEN RETURN true; END IF;
    UPDATE causeline.steps SET token = NULL WHERE run = held.run AND step = held.step;
    RETURN false;
END $$;

-- Ends an attempt in one of several ways: its lease is over and it is in no queue; whoever asks for the same again is
-- told that it holds.
CREATE FUNCTION api.settle(p_run uuid, p_step text, p_token text, p_how text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE causeline.steps
    SET token = NULL, queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, settled = p_how || '|' || p_token
    WHERE run = p_run AND step = p_step;
END $$;

-- Makes a step due, one that is not there yet too.
CREATE FUNCTION api.make_due(stands causeline.standings, p_step text, p_due_ms bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.steps AS held (run, step, app, workflow, needs, queue, due_ms)
    VALUES (stands.run, p_step, stands.app, stands.workflow, 0, 0, p_due_ms)
    ON CONFLICT (run, step) DO UPDATE SET needs = coalesce(held.needs, 0), queue = 0, lane = NULL, turn = NULL, due_ms = p_due_ms;
END $$;

-- Begins an attempt under a lease of its own; whoever asks again with the same token changes nothing but the lease's end.
CREATE FUNCTION api.begin_attempt(p_run uuid, p_step text, p_token text, p_until bigint, p_now bigint)
RETURNS causeline.steps LANGUAGE plpgsql AS $$
DECLARE
    begun causeline.steps;
BEGIN
    UPDATE causeline.steps SET
        due_ms = p_until, queue = CASE queue WHEN 1 THEN 1 ELSE 0 END, lane = NULL, turn = NULL, token = p_token,
        attempt = attempt + (token IS DISTINCT FROM p_token)::integer,
        first_ms = coalesce(first_ms, p_now),
        before_ms = CASE WHEN token = p_token THEN before_ms ELSE at_ms END,
        at_ms = CASE WHEN token = p_token THEN at_ms ELSE p_now END
    WHERE run = p_run AND step = p_step RETURNING * INTO begun;
    RETURN begun;
END $$;

-- Results of steps, in order; empty where there is none.
CREATE FUNCTION api.results_of(p_run uuid, p_names text[]) RETURNS bytea[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bytea[] := '{}';
    one text;
BEGIN
    FOREACH one IN ARRAY p_names LOOP
        found := found || coalesce((SELECT value FROM causeline.results WHERE run = p_run AND name = one), ''::bytea);
    END LOOP;
    RETURN found;
END $$;

-- Parts of a run, in order, the runs that its steps wait for among them; empty where there is none.
CREATE FUNCTION api.parts_of(p_run uuid, p_names text[]) RETURNS bytea[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bytea[] := '{}';
    one text;
BEGIN
    FOREACH one IN ARRAY p_names LOOP
        found := found || coalesce(
            CASE WHEN one LIKE '%:run'
                THEN (SELECT convert_to(awaited::text, 'UTF8') FROM causeline.steps WHERE run = p_run AND step = left(one, -4))
                ELSE (SELECT value FROM causeline.parts WHERE run = p_run AND name = one)
            END, ''::bytea);
    END LOOP;
    RETURN found;
END $$;

-- The next item of a fan-out that nobody was given yet, with a row of its own; null where there is none.
CREATE FUNCTION api.next_item(stands causeline.standings, p_whole text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    place integer;
    item text;
BEGIN
    UPDATE causeline.fan_outs SET next = next + 1 WHERE run = stands.run AND step = p_whole AND next < count
    RETURNING next - 1 INTO place;
    IF place IS NULL THEN RETURN NULL; END IF;
    item := p_whole || '[' || place || ']';
    INSERT INTO causeline.steps AS held (run, step, app, workflow, needs)
    VALUES (stands.run, item, stands.app, stands.workflow, 0)
    ON CONFLICT (run, step) DO UPDATE SET needs = 0;
    RETURN item;
END $$;

CREATE FUNCTION api.note_part(p_run uuid, p_name text, p_value bytea) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.parts AS kept (run, name, value) VALUES (p_run, p_name, p_value)
    ON CONFLICT (run, name) DO UPDATE SET value = p_value;
END $$;

CREATE FUNCTION api.note_audit(
    p_app text, p_action text, p_run uuid, p_workflow text, p_operator bytea, p_step text, p_schedule text
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO causeline.audit (app, at_ms, action, run, workflow, operator, step, schedule)
    VALUES (p_app, api.now_ms(), p_action, p_run, p_workflow, p_operator, coalesce(p_step, ''), p_schedule)
$$;
