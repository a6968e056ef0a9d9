-- How runs end, and live again. None is called from outside.

-- Ends a run, tells of it, and has the step go on that waits for it; one that is under way finds out for itself.
CREATE FUNCTION api.end_run(p_run uuid, p_status text, p_token text, p_now bigint) RETURNS api.effects
LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings;
    waiting causeline.standings;
    woken integer := 0;
BEGIN
    stands := api.locked(p_run);
    UPDATE causeline.standings
    SET status = p_status, ended_ms = p_now, ended_by = p_token, ending = NULL, waiter_run = NULL, waiter_step = NULL
    WHERE run = p_run;
    UPDATE causeline.waits SET asked_ms = NULL WHERE run = p_run AND asked_ms IS NOT NULL;
    INSERT INTO causeline.ends (run, life, app, ended_ms) VALUES (p_run, stands.life, stands.app, p_now)
    ON CONFLICT (run, life) DO UPDATE SET ended_ms = p_now;
    IF stands.waiter_run IS NOT NULL THEN
        SELECT * INTO waiting FROM causeline.standings WHERE run = stands.waiter_run;
        UPDATE causeline.steps SET queue = 0, lane = NULL, turn = NULL, due_ms = p_now
        WHERE run = stands.waiter_run AND step = stands.waiter_step AND token IS NULL
            AND api.goes_on(waiting.status, stands.waiter_step);
        GET DIAGNOSTICS woken = ROW_COUNT;
    END IF;
    RETURN (woken, ARRAY[p_run])::api.effects;
END $$;

-- Makes the undo due of what was done last, when no attempt at it can be under way any more; ends the run where nothing
-- is left to undo.
CREATE FUNCTION api.undo_next(p_run uuid, p_token text, p_now bigint, OUT is_over boolean, OUT effects api.effects)
LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    last causeline.undos;
BEGIN
    SELECT * INTO last FROM causeline.undos WHERE run = p_run ORDER BY place DESC, step DESC LIMIT 1;
    is_over := last.step IS NULL;
    IF is_over THEN
        effects := api.end_run(p_run, stands.ending, p_token, p_now);
    ELSE
        PERFORM api.make_due(stands, '~' || last.step, greatest(p_now, coalesce(last.after_ms, 0)));
        effects := (1, '{}')::api.effects;
    END IF;
END $$;

-- Ends a run early, and those that its steps wait for: cancelled where it is cancelled, late or undone, and else failed, so
-- that they go on when it is resumed. `ended_ms` is 0 while it is undone.
CREATE FUNCTION api.finish_run(
    p_run uuid, p_how text, p_error_type bytea, p_error bytea, p_step text, p_token text, p_is_late boolean, p_now bigint,
    OUT ended_ms bigint, OUT effects api.effects
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    has_undos boolean := EXISTS (SELECT FROM causeline.undos WHERE run = p_run);
    takes_leases boolean := p_how = 'cancelled' OR has_undos OR p_is_late;
    cut text[];
    child uuid;
    of_child record;
    of_undo record;
    left_behind record;
BEGIN
    effects := (0, '{}')::api.effects;
    SELECT array_agg(lane) AS lanes, array_agg(turn) AS turns INTO left_behind FROM causeline.steps
    WHERE run = p_run AND turn IS NOT NULL;
    IF takes_leases THEN
        SELECT array_agg(step ORDER BY step) INTO cut FROM causeline.steps
        WHERE run = p_run AND needs IS NOT NULL AND token IS NOT NULL;
        UPDATE causeline.undos AS undo SET after_ms = coalesce(held.due_ms, p_now) FROM causeline.steps AS held
        WHERE undo.run = p_run AND held.run = p_run AND held.step = undo.step AND held.needs IS NOT NULL
            AND held.token IS NOT NULL;
    END IF;
    UPDATE causeline.steps SET queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, token = NULL
    WHERE run = p_run AND needs IS NOT NULL AND (takes_leases OR token IS NULL)
        AND (queue IS NOT NULL OR token IS NOT NULL);
    IF left_behind.turns IS NOT NULL THEN
        PERFORM api.leave_turns(stands.app, left_behind.lanes, left_behind.turns, NULL, NULL);
    END IF;
    IF p_is_late AND cut IS NOT NULL THEN
        p_step := cut[1];
        p_error := p_error || convert_to('; cut off: ' || array_to_string(cut, ', '), 'UTF8');
    END IF;
    UPDATE causeline.standings
    SET status = CASE WHEN has_undos THEN 'undoing' ELSE p_how END, error_type = p_error_type, error = p_error,
        failed_step = p_step, finished_by = p_token, ending = CASE WHEN has_undos THEN p_how END,
        is_undone = is_undone OR has_undos
    WHERE run = p_run;
    FOR child IN
        SELECT held.awaited FROM causeline.steps AS held
        JOIN causeline.standings AS awaited ON awaited.run = held.awaited AND awaited.status = 'running'
        WHERE held.run = p_run -- an undo ends itself what its step waits for
            AND NOT EXISTS (SELECT FROM causeline.undos AS undo WHERE undo.run = p_run AND undo.step = held.step)
        ORDER BY held.awaited
    LOOP
        IF (api.locked(child)).status <> 'running' THEN
            CONTINUE;
        ELSIF takes_leases THEN
            of_child := api.finish_run(child, 'cancelled', NULL, NULL, NULL, p_token, false, p_now);
        ELSE
            of_child := api.finish_run(
                child, 'failed', 'RunFailedError', convert_to('run ' || p_run || ', which waits for it, has failed', 'UTF8'),
                NULL, p_token, false, p_now
            );
        END IF;
        effects := api.both(effects, of_child.effects);
    END LOOP;
    IF has_undos THEN
        UPDATE causeline.waits SET asked_ms = NULL WHERE run = p_run AND asked_ms IS NOT NULL;
        of_undo := api.undo_next(p_run, p_token, p_now);
        effects := api.both(effects, of_undo.effects);
        ended_ms := 0;
    ELSE
        effects := api.both(effects, api.end_run(p_run, p_how, p_token, p_now));
        ended_ms := p_now;
    END IF;
END $$;

-- Keeps what a life of a run ended with that is over, for as long as that is not exported; then another life begins.
CREATE FUNCTION api.next_life(p_run uuid, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE causeline.ends AS one
    SET status = stands.status, resumed_ms = stands.resumed_ms, error_type = stands.error_type, error = stands.error,
        failed_step = stands.failed_step
    FROM causeline.standings AS stands WHERE one.run = p_run AND stands.run = p_run AND one.life = stands.life;
    UPDATE causeline.standings
    SET life = life + 1, resumed_ms = p_now, ended_ms = NULL, ended_by = NULL, finished_by = NULL WHERE run = p_run;
END $$;
