-- The step whose place, or whose part of a place, something is.
CREATE FUNCTION api.step_of(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT substring(word FROM '^[^:|#[]*')
$$;

-- Gives a run another shape of its workflow. What is committed stays where the step is what it was and all that it waits
-- for stays; what is open goes on where that holds, with its records; all else is done, or done again, from nothing. p_steps lists [step, is it what it was, [steps it waits for]].
-- Returns {moved, how many stay, woken, told}, {same} when the run has that shape, {over, status} when it does not go on and
-- has not failed, {busy, step} while an attempt is under way, {inside, step} within a loop or a fan-out, {nested,
-- step} where a step that is a run of its own would have to be done again, or is gone, {undoable, step} where what is to be
-- undone later has no step in the new shape, {} when there is none.
CREATE FUNCTION api.move(
    p_call uuid, p_app text, p_run uuid, p_operator bytea, p_digest text, p_shape bytea, p_steps jsonb
) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings;
    now bigint;
    one record;
    needed integer;
    goes_on boolean;
    names text[] := '{}';
    stays text[] := '{}';
    opened text[] := '{}';
    needs_of integer[] := '{}';
    again text[] := '{}';
    refused text;
    woken integer := 0;
    told text := '';
BEGIN
    IF NOT api.ask(p_call) THEN RETURN api.answered(p_call); END IF;
    stands := api.locked(p_run);
    now := api.now_ms();
    IF stands.app IS DISTINCT FROM p_app THEN RETURN api.keep_answer(p_call, '{}'); END IF;
    IF stands.shape = p_digest THEN RETURN api.keep_answer(p_call, ARRAY['same']); END IF;
    IF stands.status NOT IN ('running', 'failed') THEN RETURN api.keep_answer(p_call, ARRAY['over', stands.status]); END IF;
    IF stands.is_undone THEN RETURN api.keep_answer(p_call, ARRAY['over', 'undone']); END IF;
    FOR one IN SELECT step, token FROM causeline.steps WHERE run = p_run AND needs IS NOT NULL ORDER BY step LOOP
        IF one.token IS NOT NULL THEN RETURN api.keep_answer(p_call, ARRAY['busy', one.step]); END IF;
        IF one.step ~ '[#[]' THEN RETURN api.keep_answer(p_call, ARRAY['inside', one.step]); END IF;
    END LOOP;
    FOR one IN
        SELECT asked.step ->> 0 AS step, (asked.step ->> 1)::boolean AS is_same,
            ARRAY(SELECT jsonb_array_elements_text(asked.step -> 2)) AS waits_for
        FROM jsonb_array_elements(p_steps) WITH ORDINALITY AS asked (step, at) ORDER BY asked.at
    LOOP
        SELECT count(*) INTO needed FROM unnest(one.waits_for) AS before (step) WHERE before.step <> ALL (stays);
        names := names || one.step;
        IF one.is_same AND needed = 0
            AND EXISTS (SELECT FROM causeline.results WHERE run = p_run AND name = one.step) THEN
            stays := stays || one.step;
        ELSE
            opened := opened || one.step;
            needs_of := needs_of || needed;
            IF NOT one.is_same OR needed > 0 THEN again := again || one.step; END IF;
        END IF;
    END LOOP;
    SELECT api.step_of(step) INTO refused FROM causeline.steps
    WHERE run = p_run AND awaited IS NOT NULL
        AND (api.step_of(step) = ANY (again) OR api.step_of(step) <> ALL (names)) ORDER BY step LIMIT 1;
    IF refused IS NOT NULL THEN RETURN api.keep_answer(p_call, ARRAY['nested', refused]); END IF;
    SELECT api.step_of(step) INTO refused FROM causeline.undos
    WHERE run = p_run AND api.step_of(step) <> ALL (names) ORDER BY place LIMIT 1;
    IF refused IS NOT NULL THEN RETURN api.keep_answer(p_call, ARRAY['undoable', refused]); END IF;
    SELECT array_agg(lane) AS lanes, array_agg(turn) AS turns INTO one FROM causeline.steps
    WHERE run = p_run AND turn IS NOT NULL;
    UPDATE causeline.steps SET queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, needs = NULL
    WHERE run = p_run AND needs IS NOT NULL;
    IF one.turns IS NOT NULL THEN PERFORM api.leave_turns(p_app, one.lanes, one.turns, NULL, NULL); END IF;
    goes_on := stands.status = 'running';
    INSERT INTO causeline.steps AS held (run, step, app, workflow, needs, queue, due_ms)
    SELECT p_run, open.step, p_app, stands.workflow, open.needs, CASE WHEN open.needs = 0 AND goes_on THEN 0 END,
        CASE WHEN open.needs = 0 AND goes_on THEN now END
    FROM unnest(opened, needs_of) AS open (step, needs)
    ON CONFLICT (run, step) DO UPDATE
    SET needs = excluded.needs, queue = excluded.queue, due_ms = excluded.due_ms, fails = 0, first_ms = NULL, deaths = 0,
        vanished = 0;
    SELECT count(*) INTO woken FROM unnest(needs_of) AS needs WHERE needs = 0 AND goes_on;
    -- What a step that is done again has left behind: of its items and rounds, too.
    DELETE FROM causeline.results WHERE run = p_run AND api.step_of(name) <> ALL (stays);
    DELETE FROM causeline.parts WHERE run = p_run AND api.step_of(name) = ANY (again);
    DELETE FROM causeline.fan_outs WHERE run = p_run AND api.step_of(step) = ANY (again);
    DELETE FROM causeline.calls WHERE run = p_run AND api.step_of(step) = ANY (again);
    UPDATE causeline.steps SET fails = 0, first_ms = NULL, deaths = 0, vanished = 0
    WHERE run = p_run AND step ~ '[#[]' AND api.step_of(step) = ANY (again);
    UPDATE causeline.waits
    SET former = answer, step = NULL, since_ms = NULL, ends_ms = NULL, over_ms = NULL, schema = NULL, value = NULL,
        answered_by = NULL, at_ms = NULL, answer = NULL, node = NULL, asked_ms = NULL
    WHERE run = p_run AND (api.step_of(step) = ANY (again) OR api.step_of(step) <> ALL (names));
    INSERT INTO causeline.shapes (app, digest, shape) VALUES (p_app, p_digest, p_shape) ON CONFLICT DO NOTHING;
    UPDATE causeline.standings SET shape = p_digest, open = cardinality(opened) WHERE run = p_run;
    PERFORM api.note_audit(p_app, 'move', p_run, stands.workflow, p_operator, NULL, '');
    IF goes_on AND cardinality(opened) = 0 THEN
        woken := woken + (api.end_run(p_run, 'ok', 'move', now)).woken;
        told := p_run::text;
    END IF;
    RETURN api.keep_answer(p_call, ARRAY['moved', cardinality(stays)::text, woken::text, told]);
END $$;
