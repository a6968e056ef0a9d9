-- Items of fan-outs, and runs that steps wait for.

-- Makes the items of a step due, the first ones now. The attempt is over; the step is due again when all items are
-- committed. Null when stale, else how many are due. Asked again: 0.
CREATE FUNCTION api.fan_out(
    p_run uuid, p_step text, p_token text, p_at_once integer, p_grows boolean, p_items bytea[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    count integer := cardinality(p_items);
    first integer := least(p_at_once, cardinality(p_items));
    now bigint := api.now_ms();
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step FOR NO KEY UPDATE;
    IF NOT api.owns(stands, held, p_token) THEN
        RETURN CASE WHEN held.settled = 'fan_out|' || p_token THEN 0 END;
    END IF;
    PERFORM api.settle(p_run, p_step, p_token, 'fan_out');
    INSERT INTO causeline.fan_outs AS one (run, step, count, open, failed, next, grows)
    VALUES (p_run, p_step, count, count, 0, first, p_grows)
    ON CONFLICT (run, step) DO UPDATE SET count = excluded.count, open = excluded.open, failed = 0, next = excluded.next,
        grows = one.grows OR excluded.grows;
    PERFORM api.note_part(p_run, p_step, convert_to(count::text, 'UTF8'));
    INSERT INTO causeline.parts (run, name, value)
    SELECT p_run, p_step || '[' || item.at - 1 || ']', item.value
    FROM unnest(p_items) WITH ORDINALITY AS item (value, at)
    ON CONFLICT (run, name) DO UPDATE SET value = excluded.value;
    PERFORM api.make_due(stands, p_step || '[' || at || ']', now) FROM generate_series(0, first - 1) AS at;
    RETURN first;
END $$;

-- Waits for the end of another run. As long as that goes on the attempt is over; the step is due again when the run ends.
-- Returns waiting, ended or stale. Asked again: the same.
CREATE FUNCTION api.await_run(p_run uuid, p_step text, p_token text, p_awaited uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    awaited causeline.standings;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step FOR NO KEY UPDATE;
    IF NOT api.owns(stands, held, p_token) THEN
        RETURN CASE WHEN held.settled = 'await_run|' || p_token THEN 'waiting' ELSE 'stale' END;
    END IF;
    awaited := api.locked(p_awaited);
    IF awaited.status IS NULL OR awaited.status NOT IN ('running', 'undoing') THEN RETURN 'ended'; END IF;
    UPDATE causeline.standings SET waiter_run = p_run, waiter_step = p_step WHERE run = p_awaited;
    PERFORM api.settle(p_run, p_step, p_token, 'await_run');
    UPDATE causeline.steps SET awaited = p_awaited WHERE run = p_run AND step = p_step;
    RETURN 'waiting';
END $$;

-- A shape that runs began with.
CREATE FUNCTION api.shape(p_app text, p_digest text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT shape FROM causeline.shapes WHERE app = p_app AND digest = p_digest
$$;

-- How many runs go on of each workflow, by their shape.
CREATE FUNCTION api.shaped(p_app text) RETURNS TABLE (workflow text, digest text, runs bigint) LANGUAGE sql STABLE AS $$
    SELECT workflow, shape, count(*) FROM causeline.standings
    WHERE app = p_app AND status IN ('running', 'undoing') AND shape IS NOT NULL GROUP BY workflow, shape
$$;

-- Places of a run of which no attempt has begun.
CREATE FUNCTION api.unbegun(p_run uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(step), '{}') FROM causeline.steps WHERE run = p_run AND needs IS NOT NULL AND attempt = 0
$$;
