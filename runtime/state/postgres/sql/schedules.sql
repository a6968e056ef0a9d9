-- Schedules of an app, and their ticks.

CREATE FUNCTION api.schedules(p_app text) RETURNS SETOF causeline.schedules LANGUAGE sql STABLE AS $$
    SELECT * FROM causeline.schedules WHERE app = p_app ORDER BY name COLLATE "C"
$$;
CREATE FUNCTION api.noted_ticks(p_app text) RETURNS TABLE (noted_ms bigint, tick bytea) LANGUAGE sql STABLE AS $$
    SELECT noted_ms, tick FROM causeline.ticks WHERE app = p_app ORDER BY noted_ms, run
$$;

-- Declares a schedule as its code has it. What it is due next stays, unless its rule is another one. Returns the former
-- rule where it is another, empty where the schedule is new, null where the rule is the same.
CREATE FUNCTION api.declare(
    p_app text, p_name text, p_rule text, p_workflow text, p_missed text, p_overlap text, p_next_ms bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    former causeline.schedules;
BEGIN
    INSERT INTO causeline.schedules (app, name, workflow, rule, missed, overlap, next_ms)
    VALUES (p_app, p_name, p_workflow, p_rule, p_missed, p_overlap, p_next_ms) ON CONFLICT DO NOTHING;
    IF FOUND THEN RETURN ''; END IF;
    SELECT * INTO former FROM causeline.schedules WHERE app = p_app AND name = p_name FOR NO KEY UPDATE;
    UPDATE causeline.schedules
    SET workflow = p_workflow, missed = p_missed, overlap = p_overlap, rule = p_rule,
        next_ms = CASE WHEN rule = p_rule THEN next_ms ELSE p_next_ms END,
        dropped = dropped + (rule <> p_rule AND next_ms <= api.now_ms())::integer
    WHERE app = p_app AND name = p_name;
    RETURN nullif(former.rule, p_rule);
END $$;

-- The one gate of all ticks: of those that are due, those that were missed, those that waited, and those by hand
-- (`p_how`: due, waiting, hand). A tick that passes is noted with the run that it starts.
-- Returns {started, noted ms, 'given' or 'waited'} for the tick that starts, which may be one that waited; {skipped | waits
-- | cancel, run}; {dropped}; {stale}; {} when there is no such schedule.
CREATE FUNCTION api.tick(
    p_call uuid, p_app text, p_name text, p_how text, p_tick bytea, p_run uuid, p_next_ms bigint, p_following_ms bigint,
    p_dropped integer, p_rule text, p_operator bytea, OUT answer text[], OUT tick bytea
) LANGUAGE plpgsql AS $$
DECLARE
    said causeline.schedules;
    now bigint;
    status text;
    is_open boolean;
    starting uuid := p_run;
BEGIN
    IF NOT api.ask(p_call) THEN
        answer := api.answered(p_call);
        IF answer[1] = 'started' THEN
            SELECT one.last INTO tick FROM causeline.schedules AS one WHERE one.app = p_app AND one.name = p_name;
        END IF;
        RETURN;
    END IF;
    SELECT * INTO said FROM causeline.schedules AS one WHERE one.app = p_app AND one.name = p_name FOR NO KEY UPDATE;
    now := api.now_ms();
    answer := '{}';
    IF said.name IS NULL THEN
        PERFORM api.keep_answer(p_call, answer);
        RETURN;
    END IF;
    IF (p_how = 'due' AND (said.next_ms <> p_next_ms OR said.rule <> p_rule OR said.paused_ms IS NOT NULL OR said.next_ms > now))
        OR (p_how = 'waiting' AND (said.waiting IS DISTINCT FROM p_tick OR said.paused_ms IS NOT NULL)) THEN
        answer := api.keep_answer(p_call, '{stale}');
        RETURN;
    END IF;
    SELECT one.status INTO status FROM causeline.standings AS one WHERE one.run = said.run;
    -- A run whose steps are undone goes on, and so does one that is noted and has not been started yet; nobody can cancel
    -- those.
    is_open := coalesce(status IN ('running', 'undoing'), false) OR (
        status IS NULL AND EXISTS (SELECT FROM causeline.ticks AS one WHERE one.app = p_app AND one.run = said.run)
    );
    IF said.overlap = 'cancel' AND status = 'running' AND p_tick IS NOT NULL THEN
        answer := api.keep_answer(p_call, ARRAY['cancel', said.run::text]);
        RETURN;
    END IF;
    IF p_how = 'due' THEN
        UPDATE causeline.schedules AS one
        SET next_ms = p_following_ms, dropped = one.dropped + p_dropped,
            dropped_ms = CASE WHEN p_dropped > 0 THEN now ELSE one.dropped_ms END,
            claimed_ms = CASE WHEN p_tick IS NULL THEN one.claimed_ms ELSE now END
        WHERE one.app = p_app AND one.name = p_name;
        IF p_tick IS NULL THEN
            answer := api.keep_answer(p_call, '{dropped}');
            RETURN;
        END IF;
    ELSIF p_how = 'hand' THEN
        PERFORM api.note_audit(p_app, 'run_schedule', p_run, said.workflow, p_operator, NULL, p_name);
    END IF;
    IF is_open AND said.overlap <> 'allow' THEN
        IF p_how <> 'waiting' AND (said.overlap = 'skip' OR said.waiting IS NOT NULL) THEN
            UPDATE causeline.schedules AS one SET skipped = one.skipped + 1, skipped_ms = now
            WHERE one.app = p_app AND one.name = p_name;
            answer := api.keep_answer(p_call, ARRAY['skipped', said.run::text]);
            RETURN;
        END IF;
        UPDATE causeline.schedules AS one SET waiting = p_tick, waiting_run = p_run
        WHERE one.app = p_app AND one.name = p_name;
        answer := api.keep_answer(p_call, ARRAY['waits', said.run::text]);
        RETURN;
    END IF;
    tick := p_tick;
    IF p_how <> 'waiting' AND said.waiting IS NOT NULL THEN -- it came first, and so it starts first
        tick := said.waiting;
        starting := said.waiting_run;
    END IF;
    UPDATE causeline.schedules AS one
    SET waiting = CASE WHEN p_how <> 'waiting' AND said.waiting IS NOT NULL THEN p_tick END,
        waiting_run = CASE WHEN p_how <> 'waiting' AND said.waiting IS NOT NULL THEN p_run END,
        run = starting, last = tick, last_ms = now, started = one.started + 1
    WHERE one.app = p_app AND one.name = p_name;
    INSERT INTO causeline.ticks (app, run, schedule, noted_ms, tick) VALUES (p_app, starting, p_name, now, tick)
    ON CONFLICT DO NOTHING;
    answer := api.keep_answer(p_call, ARRAY['started', now::text]);
END $$;

-- Drops a tick that is noted, and whose run nobody has started; whether it did.
CREATE FUNCTION api.untick(p_app text, p_name text, p_run uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM causeline.runs WHERE id = p_run) THEN RETURN false; END IF;
    DELETE FROM causeline.ticks WHERE app = p_app AND run = p_run;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE causeline.schedules SET dropped = dropped + 1, dropped_ms = api.now_ms() WHERE app = p_app AND name = p_name;
    RETURN true;
END $$;

-- The runs of noted ticks are started, and their facts exported.
CREATE FUNCTION api.confirm_ticks(p_app text, p_runs uuid[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM causeline.ticks WHERE app = p_app AND run = ANY (p_runs)
$$;

-- What an operator does to a schedule: pause, unpause or remove. Ticks of the time that it was paused are dropped. Returns
-- {1}, {0} when nothing is to be done, {-1} when another tick is next, {} when there is no such schedule.
CREATE FUNCTION api.operate(
    p_call uuid, p_app text, p_name text, p_act text, p_operator bytea, p_next_ms bigint, p_following_ms bigint,
    p_dropped integer
) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    said causeline.schedules;
BEGIN
    IF NOT api.ask(p_call) THEN RETURN api.answered(p_call); END IF;
    SELECT * INTO said FROM causeline.schedules WHERE app = p_app AND name = p_name FOR NO KEY UPDATE;
    IF said.name IS NULL THEN RETURN api.keep_answer(p_call, '{}'); END IF;
    IF p_act <> 'remove' AND (p_act = 'pause') = (said.paused_ms IS NOT NULL) THEN RETURN api.keep_answer(p_call, '{0}'); END IF;
    IF p_act = 'unpause' AND said.next_ms IS DISTINCT FROM p_next_ms THEN RETURN api.keep_answer(p_call, '{-1}'); END IF;
    IF p_act = 'pause' THEN
        UPDATE causeline.schedules SET paused_ms = api.now_ms(), paused_by = p_operator WHERE app = p_app AND name = p_name;
    ELSIF p_act = 'unpause' THEN
        UPDATE causeline.schedules
        SET paused_ms = NULL, paused_by = NULL, next_ms = p_following_ms, dropped = dropped + p_dropped,
            dropped_ms = CASE WHEN p_dropped > 0 THEN api.now_ms() ELSE dropped_ms END
        WHERE app = p_app AND name = p_name;
    ELSE
        DELETE FROM causeline.schedules WHERE app = p_app AND name = p_name;
        DELETE FROM causeline.ticks WHERE app = p_app AND schedule = p_name;
    END IF;
    PERFORM api.note_audit(p_app, p_act || '_schedule', NULL, said.workflow, p_operator, NULL, p_name);
    RETURN api.keep_answer(p_call, '{1}');
END $$;
