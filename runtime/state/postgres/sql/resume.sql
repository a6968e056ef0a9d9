-- Calls that can't see for themselves that they were made note themselves first; one that is repeated waits for the
-- first, and gets its answer. None is called from outside.
CREATE FUNCTION api.ask(p_call uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.asked (call, at_ms) VALUES (p_call, api.now_ms()) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;
CREATE FUNCTION api.answered(p_call uuid) RETURNS text[] LANGUAGE sql AS $$
    SELECT answer FROM causeline.asked WHERE call = p_call
$$;
CREATE FUNCTION api.keep_answer(p_call uuid, p_answer text[]) RETURNS text[] LANGUAGE sql AS $$
    UPDATE causeline.asked SET answer = p_answer WHERE call = p_call RETURNING answer
$$;

-- Lets a failed run go on from where it failed: what is committed stays, what is open and waits for nothing is due. An
-- attempt that is under way since before goes on. With a deadline it has as long again as at first. Returns {status
-- before, woken}, where it goes on; {status} where it has not failed, {undone} when its steps were undone since; {} when
-- there is none.
CREATE FUNCTION api.resume(p_call uuid, p_app text, p_run uuid, p_operator bytea) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings;
    now bigint;
    woken integer;
BEGIN
    IF NOT api.ask(p_call) THEN RETURN api.answered(p_call); END IF;
    stands := api.locked(p_run);
    now := api.now_ms();
    IF stands.app IS DISTINCT FROM p_app THEN RETURN api.keep_answer(p_call, '{}'); END IF;
    IF stands.status <> 'failed' THEN RETURN api.keep_answer(p_call, ARRAY[stands.status]); END IF;
    IF stands.is_undone THEN RETURN api.keep_answer(p_call, ARRAY['undone']); END IF;
    UPDATE causeline.steps AS one
    SET fails = 0, first_ms = NULL, deaths = 0, vanished = 0, queue = 0, lane = NULL, turn = NULL, due_ms = now
    WHERE run = p_run AND needs <= 0 AND token IS NULL
        AND NOT EXISTS (SELECT FROM causeline.results AS done WHERE done.run = p_run AND done.name = one.step)
        AND NOT EXISTS (SELECT FROM causeline.fan_outs AS f WHERE f.run = p_run AND f.step = one.step AND f.open > 0);
    GET DIAGNOSTICS woken = ROW_COUNT;
    PERFORM api.next_life(p_run, now);
    UPDATE causeline.standings
    SET status = 'running', error_type = NULL, error = NULL, failed_step = NULL, deadline_ms = now + deadline_in
    WHERE run = p_run;
    PERFORM api.note_audit(p_app, 'resume', p_run, stands.workflow, p_operator, stands.failed_step, '');
    RETURN api.keep_answer(p_call, ARRAY['failed', woken::text]);
END $$;
