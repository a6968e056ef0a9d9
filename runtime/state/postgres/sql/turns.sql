-- Turns of steps that limits by key hold for. Whoever puts a step into a turn, or takes one out, locks that first: a turn
-- is there for as long as a step waits in it. Runs are locked before turns, and turns in order.

CREATE FUNCTION api.lock_turns(p_app text, p_lanes text[], p_turns text[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(one.key) FROM (
        SELECT DISTINCT hashtextextended(p_app || '|' || lane || '|' || turn, 2) AS key
        FROM unnest(p_lanes, p_turns) AS one (lane, turn) WHERE turn IS NOT NULL ORDER BY key
    ) AS one
$$;

-- Forgets those turns of which no step waits any more, or none but one that begins now (p_run, p_step; null for none): the
-- turn of that goes last.
CREATE FUNCTION api.leave_turns(p_app text, p_lanes text[], p_turns text[], p_run uuid, p_step text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    PERFORM api.lock_turns(p_app, p_lanes, p_turns);
    FOR one IN
        SELECT DISTINCT asked.lane, asked.turn FROM unnest(p_lanes, p_turns) AS asked (lane, turn) WHERE asked.turn IS NOT NULL
    LOOP
        IF NOT EXISTS (
            SELECT FROM causeline.steps AS held
            WHERE held.app = p_app AND held.queue = 2 AND held.lane = one.lane AND md5(held.turn) = md5(one.turn)
                AND held.turn IS NOT NULL AND (p_run IS NULL OR (held.run, held.step) <> (p_run, p_step))
        ) THEN
            DELETE FROM causeline.turns WHERE app = p_app AND lane = one.lane AND md5(turn) = md5(one.turn);
        ELSIF p_run IS NOT NULL THEN
            PERFORM api.go_last(p_app, one.lane, ARRAY[one.turn]);
        END IF;
    END LOOP;
END $$;

-- Puts turns behind all others of their lane, in their order.
CREATE FUNCTION api.go_last(p_app text, p_lane text, p_turns text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY p_turns LOOP
        UPDATE causeline.turns SET place = nextval('causeline.turn_order')
        WHERE app = p_app AND lane = p_lane AND md5(turn) = md5(one);
    END LOOP;
END $$;

-- The first turns of a lane, each with its first steps, so many at most.
CREATE FUNCTION api.turns(p_app text, p_lane text, p_page integer, p_wanted integer)
RETURNS TABLE (turn text, runs uuid[], workflows text[], steps text[]) LANGUAGE sql AS $$
    SELECT one.turn, waiting.runs, waiting.workflows, waiting.steps
    FROM (SELECT turn, place FROM causeline.turns WHERE app = p_app AND lane = p_lane ORDER BY place LIMIT p_page) AS one
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(run), '{}') AS runs, coalesce(array_agg(workflow), '{}') AS workflows,
            coalesce(array_agg(step), '{}') AS steps
        FROM (
            SELECT run, workflow, step FROM causeline.steps AS held
            WHERE held.app = p_app AND held.queue = 2 AND held.lane = p_lane AND held.turn IS NOT NULL
                AND md5(held.turn) = md5(one.turn)
            ORDER BY due_ms, run, step LIMIT p_wanted
        ) AS found
    ) AS waiting
    ORDER BY one.place
$$;

-- The values of the keys of runs.
CREATE FUNCTION api.key_values(p_runs uuid[]) RETURNS TABLE (run uuid, by_key jsonb) LANGUAGE sql STABLE AS $$
    SELECT run, coalesce(key_values, '{}') FROM causeline.standings WHERE run = ANY (p_runs)
$$;

-- The turns of a lane whose steps have waited the longest, among its oldest steps: how many wait in each, and since when.
CREATE FUNCTION api.waiting_turns(p_app text, p_lane text, p_oldest integer, p_told integer)
RETURNS TABLE (turn text, due bigint, since_ms bigint) LANGUAGE sql AS $$
    WITH oldest AS (
        SELECT turn, due_ms, row_number() OVER (ORDER BY due_ms, run, step) AS place FROM causeline.steps
        WHERE app = p_app AND queue = 2 AND lane = p_lane AND turn IS NOT NULL ORDER BY due_ms, run, step LIMIT p_oldest
    ),
    first AS (
        SELECT turn, min(due_ms) AS since, min(place) AS place FROM oldest GROUP BY turn ORDER BY min(place) LIMIT p_told
    )
    SELECT first.turn, (
        SELECT count(*) FROM causeline.steps AS held
        WHERE held.app = p_app AND held.queue = 2 AND held.lane = p_lane AND held.turn IS NOT NULL
            AND md5(held.turn) = md5(first.turn)
    ), first.since
    FROM first ORDER BY first.place
$$;

-- Puts due steps into lanes, for the workers that serve those; those that limits by key hold for (p_limits lists them for
-- each step, as [name, key]) into their turns there. What is under way stays, unless its lease is over: then it waits for a
-- cell. The agents whose lanes have more.
CREATE FUNCTION api.set_aside(p_app text, p_runs uuid[], p_steps text[], p_agents text[], p_limits jsonb)
RETURNS TABLE (agent text) LANGUAGE plpgsql AS $$
DECLARE
    held causeline.steps;
    status text;
    now bigint;
    lanes text[] := '{}';
    turns text[] := '{}';
    former record;
BEGIN
    PERFORM FROM causeline.standings WHERE run = ANY (p_runs) ORDER BY run FOR NO KEY UPDATE;
    FOR number IN 1 .. cardinality(p_runs) LOOP
        IF p_limits -> (number - 1) = '[]' THEN
            lanes := lanes || p_agents[number];
            turns := turns || NULL::text;
        ELSE
            lanes := lanes || (p_agents[number] || E'\n');
            turns := turns || (
                SELECT coalesce(string_agg(one.value ->> 0 || E'\n' || (stands.key_values ->> (one.value ->> 1)), E'\n'
                    ORDER BY one.at) FILTER (WHERE stands.key_values ? (one.value ->> 1)), '')
                FROM jsonb_array_elements(p_limits -> (number - 1)) WITH ORDINALITY AS one (value, at)
                LEFT JOIN causeline.standings AS stands ON stands.run = p_runs[number]
            );
        END IF;
    END LOOP;
    SELECT coalesce(array_agg(one.lane), '{}') AS lanes, coalesce(array_agg(one.turn), '{}') AS turns INTO former
    FROM unnest(p_runs, p_steps) AS asked (run, step)
    JOIN causeline.steps AS one ON one.run = asked.run AND one.step = asked.step
    WHERE one.turn IS NOT NULL;
    PERFORM api.lock_turns(p_app, lanes || former.lanes, turns || former.turns);
    FOR number IN 1 .. cardinality(p_runs) LOOP
        SELECT * INTO held FROM causeline.steps AS one WHERE one.run = p_runs[number] AND one.step = p_steps[number] FOR NO KEY UPDATE;
        SELECT one.status INTO status FROM causeline.standings AS one WHERE one.run = p_runs[number];
        now := api.now_ms();
        IF held.run IS NULL OR held.queue IS NULL OR held.queue = 1 OR held.due_ms > now
            OR (held.queue = 2 AND held.lane = lanes[number]) THEN
            CONTINUE;
        ELSIF NOT api.goes_on(status, held.step) THEN
            UPDATE causeline.steps AS one SET queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, token = NULL
            WHERE one.run = held.run AND one.step = held.step;
        ELSIF held.token IS NOT NULL THEN
            UPDATE causeline.steps AS one
            SET queue = 1, lane = NULL, turn = NULL, due_ms = now, token = NULL, lost = one.attempt
            WHERE one.run = held.run AND one.step = held.step;
        ELSE
            UPDATE causeline.steps AS one SET queue = 2, lane = lanes[number], turn = turns[number]
            WHERE one.run = held.run AND one.step = held.step;
            INSERT INTO causeline.turns (app, lane, turn, place)
            SELECT p_app, lanes[number], turns[number], nextval('causeline.turn_order') WHERE turns[number] IS NOT NULL
            ON CONFLICT DO NOTHING;
            agent := p_agents[number];
            RETURN NEXT;
        END IF;
        IF held.turn IS NOT NULL THEN
            PERFORM api.leave_turns(p_app, ARRAY[held.lane], ARRAY[held.turn], NULL, NULL);
        END IF;
    END LOOP;
END $$;
