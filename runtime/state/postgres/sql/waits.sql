-- What steps wait for, and the answers.

-- Asks for the answer that a step waits for. Where there is none, the attempt is over, and the step is due again when the
-- answer comes, or when nobody answers in time. Asked again: the same.
CREATE FUNCTION api.await_answer(
    p_run uuid, p_step text, p_token text, p_name bytea, p_timeout_ms bigint, p_schema bytea,
    OUT status text, OUT value bytea, OUT who bytea, OUT at_ms bigint, OUT other text, OUT node uuid
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    wait causeline.waits;
    now bigint := api.now_ms();
    before text;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step FOR NO KEY UPDATE;
    IF NOT api.owns(stands, held, p_token) THEN
        status := CASE WHEN held.settled = 'waiting|' || p_token THEN 'waiting' ELSE 'stale' END;
        RETURN;
    END IF;
    SELECT * INTO wait FROM causeline.waits AS one WHERE one.run = p_run AND sha256(one.name) = sha256(p_name);
    IF wait.step <> p_step THEN
        IF (wait.at_ms IS NULL AND wait.over_ms IS NULL)
            OR regexp_replace(wait.step, '#\d+', '', 'g') <> regexp_replace(p_step, '#\d+', '', 'g') THEN
            status := 'taken';
            other := wait.step;
            RETURN;
        END IF;
        DELETE FROM causeline.waits AS one WHERE one.run = p_run AND sha256(one.name) = sha256(p_name);
        before := wait.answer;
        wait := NULL; -- that of a round which is over; its answer may still be repeated
    END IF;
    IF wait.step IS NULL THEN
        wait.step := p_step;
        wait.since_ms := now;
        wait.ends_ms := now + p_timeout_ms;
    END IF;
    IF wait.at_ms IS NULL AND wait.over_ms IS NULL AND wait.ends_ms <= now THEN wait.over_ms := wait.ends_ms; END IF;
    INSERT INTO causeline.waits AS one (app, run, name, step, since_ms, ends_ms, over_ms, schema, former, asked_ms)
    VALUES (
        stands.app, p_run, p_name, wait.step, wait.since_ms, wait.ends_ms, wait.over_ms, p_schema, before,
        CASE WHEN wait.at_ms IS NULL AND wait.over_ms IS NULL THEN wait.since_ms END
    )
    ON CONFLICT (run, sha256(name)) DO UPDATE
    SET step = excluded.step, since_ms = excluded.since_ms, ends_ms = excluded.ends_ms, over_ms = excluded.over_ms,
        schema = coalesce(one.schema, excluded.schema), asked_ms = excluded.asked_ms;
    IF wait.at_ms IS NOT NULL THEN
        status := 'answered';
        value := wait.value;
        who := wait.answered_by;
        at_ms := wait.at_ms;
        node := wait.node;
    ELSIF wait.over_ms IS NOT NULL THEN
        status := 'over';
        at_ms := wait.over_ms;
    ELSE
        status := 'waiting';
        PERFORM api.settle(p_run, p_step, p_token, 'waiting');
        UPDATE causeline.steps SET queue = 0, due_ms = wait.ends_ms
        WHERE run = p_run AND step = p_step AND wait.ends_ms IS NOT NULL;
    END IF;
END $$;

-- Takes an answer back that does not fit: its step goes on waiting. False when stale.
CREATE FUNCTION api.reject(p_run uuid, p_step text, p_token text, p_name bytea) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step;
    IF NOT api.owns(stands, held, p_token) THEN RETURN false; END IF;
    UPDATE causeline.waits SET value = NULL, answered_by = NULL, at_ms = NULL, answer = NULL, node = NULL,
        asked_ms = since_ms
    WHERE run = p_run AND sha256(name) = sha256(p_name);
    RETURN true;
END $$;

-- Answers what a step of a run waits for, or will wait for: an answer that comes first is kept for it. p_answer is the
-- answer's own id: asked again with it, it is taken.
CREATE FUNCTION api.answer(
    p_app text, p_run uuid, p_name bytea, p_value bytea, p_by bytea, p_operator bytea, p_answer text, p_node uuid, p_way text,
    OUT status text, OUT who bytea, OUT at_ms bigint, OUT woken integer
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    wait causeline.waits;
    now bigint := api.now_ms();
BEGIN
    woken := 0;
    status := 'missing';
    IF stands.app IS DISTINCT FROM p_app THEN RETURN; END IF;
    SELECT * INTO wait FROM causeline.waits AS one WHERE one.run = p_run AND sha256(one.name) = sha256(p_name);
    status := 'taken';
    IF p_answer IN (wait.answer, wait.former) THEN
        woken := 1; -- nobody may have been told
        RETURN;
    END IF;
    IF stands.status <> 'running' THEN
        status := 'ended';
        who := convert_to(stands.status, 'UTF8');
        RETURN;
    END IF;
    IF wait.at_ms IS NOT NULL THEN
        status := 'answered';
        who := wait.answered_by;
        at_ms := wait.at_ms;
        RETURN;
    END IF;
    IF wait.over_ms IS NOT NULL OR wait.ends_ms <= now THEN
        status := 'over';
        at_ms := coalesce(wait.over_ms, wait.ends_ms);
        RETURN;
    END IF;
    INSERT INTO causeline.waits AS one (app, run, name, value, answered_by, at_ms, answer, node)
    VALUES (p_app, p_run, p_name, p_value, p_by, now, p_answer, p_node)
    ON CONFLICT (run, sha256(name)) DO UPDATE
    SET value = p_value, answered_by = p_by, at_ms = now, answer = p_answer, node = p_node, asked_ms = NULL;
    -- An attempt that is under way comes to it by itself.
    UPDATE causeline.steps SET queue = 0, lane = NULL, turn = NULL, due_ms = now
    WHERE run = p_run AND step = wait.step AND token IS NULL;
    GET DIAGNOSTICS woken = ROW_COUNT;
    IF p_operator IS NOT NULL THEN
        INSERT INTO causeline.audit (app, at_ms, action, run, workflow, operator, step, schedule, wait, way)
        VALUES (p_app, now, 'answer', p_run, stands.workflow, p_operator, coalesce(wait.step, ''), '', p_name, p_way);
    END IF;
END $$;

-- Whether a step of a run waits for it, has waited for it, or an answer to it is kept.
CREATE FUNCTION api.is_wait(p_run uuid, p_name bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM causeline.waits WHERE run = p_run AND sha256(name) = sha256(p_name))
$$;

-- What a run waits for now, the longest first.
CREATE FUNCTION api.waits(p_run uuid)
RETURNS TABLE (name bytea, step text, since_ms bigint, ends_ms bigint, schema bytea) LANGUAGE sql STABLE AS $$
    SELECT name, step, since_ms, ends_ms, schema FROM causeline.waits
    WHERE run = p_run AND step IS NOT NULL AND at_ms IS NULL AND over_ms IS NULL ORDER BY since_ms
$$;

-- What runs that go on wait for now, so many waits at most, the longest first.
CREATE FUNCTION api.all_waits(p_app text, p_limit integer) RETURNS TABLE (
    name bytea, step text, since_ms bigint, ends_ms bigint, schema bytea, run uuid
) LANGUAGE sql STABLE AS $$
    SELECT name, step, since_ms, ends_ms, schema, run FROM causeline.waits
    WHERE app = p_app AND asked_ms IS NOT NULL ORDER BY asked_ms, run, sha256(name) LIMIT p_limit
$$;
