-- Undoes the steps of a run that has ended: those that are done still, and those whose undo has failed. Returns running,
-- undoing or nothing; null when there is none.
CREATE FUNCTION api.undo(p_app text, p_run uuid, p_operator bytea, OUT answer text, OUT woken integer) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    now bigint := api.now_ms();
BEGIN
    woken := 0;
    IF stands.app IS DISTINCT FROM p_app THEN RETURN; END IF;
    IF stands.status IN ('running', 'undoing') THEN
        answer := stands.status;
        RETURN;
    END IF;
    INSERT INTO causeline.undos (run, step, place)
    SELECT p_run, failed.step, stands.undo_order + failed.at
    FROM unnest(stands.undo_failed) WITH ORDINALITY AS failed (step, at) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM causeline.undos WHERE run = p_run) THEN
        answer := 'nothing';
        RETURN;
    END IF;
    PERFORM api.next_life(p_run, now);
    UPDATE causeline.standings
    SET status = 'undoing', ending = CASE status WHEN 'failed' THEN 'failed' ELSE 'cancelled' END, is_undone = true,
        undo_failed = NULL, undo_failed_ms = NULL, undo_order = undo_order + coalesce(cardinality(stands.undo_failed), 0)
    WHERE run = p_run;
    PERFORM api.note_audit(p_app, 'undo', p_run, stands.workflow, p_operator, NULL, '');
    PERFORM api.undo_next(p_run, '', now);
    answer := 'undoing';
    woken := 1;
END $$;

-- Leaves an undo that has failed for good to a person, and goes on with the next. `outcome`: 1; 0 when stale. Asked again:
-- the same.
CREATE FUNCTION api.undo_failed(
    p_run uuid, p_step text, p_token text, p_error bytea,
    OUT outcome integer, OUT is_over boolean, OUT now_ms bigint, OUT accepted_ms bigint, OUT woken integer, OUT told uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    undone text := substr(p_step, 2);
    following record;
BEGIN
    outcome := 0;
    woken := 0;
    told := '{}';
    now_ms := api.now_ms();
    accepted_ms := stands.accepted_ms;
    is_over := coalesce(stands.ended_by = p_token, false);
    SELECT * INTO held FROM causeline.steps AS one WHERE one.run = p_run AND one.step = p_step FOR NO KEY UPDATE;
    IF NOT api.owns(stands, held, p_token) THEN
        IF held.settled = 'undo_failed|' || p_token THEN
            outcome := 1;
            IF is_over THEN now_ms := stands.ended_ms; END IF;
        END IF;
        RETURN;
    END IF;
    outcome := 1;
    PERFORM api.settle(p_run, p_step, p_token, 'undo_failed');
    UPDATE causeline.steps AS one SET needs = NULL WHERE one.run = p_run AND one.step = p_step;
    DELETE FROM causeline.undos AS one WHERE one.run = p_run AND one.step = undone;
    UPDATE causeline.standings AS one
    SET undo_failed = coalesce(one.undo_failed, '{}') || undone, undo_error = p_error,
        undo_failed_ms = coalesce(one.undo_failed_ms, now_ms)
    WHERE one.run = p_run;
    following := api.undo_next(p_run, p_token, now_ms);
    is_over := following.is_over;
    woken := (following.effects).woken;
    told := (following.effects).told;
END $$;

-- Whether something of a run is left to undo: done and not undone, or undone in vain.
CREATE FUNCTION api.has_undos(p_run uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM causeline.undos WHERE run = p_run)
        OR EXISTS (SELECT FROM causeline.standings WHERE run = p_run AND cardinality(undo_failed) > 0)
$$;

-- The undo that comes next, if it waits for the end of the lease of an attempt that was cut off.
CREATE FUNCTION api.held_undo(p_run uuid, OUT step text, OUT after_ms bigint) LANGUAGE sql STABLE AS $$
    SELECT last.step, last.after_ms FROM (
        SELECT * FROM causeline.undos WHERE run = p_run ORDER BY place DESC, step DESC LIMIT 1
    ) AS last WHERE last.after_ms > api.now_ms()
$$;
