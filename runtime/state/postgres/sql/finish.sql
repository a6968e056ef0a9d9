-- Ends a run early: a step has failed for good, its deadline has passed, or somebody cancels. Where steps have an undo the
-- run ends when they are undone. `outcome`: 1; 0 when stale or ended before. Asked again: the same.
CREATE FUNCTION api.finish(
    p_run uuid, p_status text, p_step text, p_token text, p_error_type bytea, p_error bytea, p_operator bytea,
    p_is_late boolean, OUT outcome integer, OUT ended_ms bigint, OUT accepted_ms bigint, OUT woken integer, OUT told uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    now bigint := api.now_ms();
    done record;
BEGIN
    outcome := 0;
    woken := 0;
    told := '{}';
    accepted_ms := stands.accepted_ms;
    IF stands.finished_by = p_token THEN
        outcome := 1;
        ended_ms := coalesce(stands.ended_ms, 0);
        told := ARRAY[p_run]; -- nobody may have been told
        RETURN;
    END IF;
    IF stands.status IS DISTINCT FROM 'running' THEN RETURN; END IF;
    IF p_is_late AND (stands.deadline_ms IS NULL OR stands.deadline_ms > now) THEN RETURN; END IF; -- it was resumed since
    IF p_step IS NOT NULL THEN
        SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step FOR NO KEY UPDATE;
        IF NOT api.owns(stands, held, p_token) THEN RETURN; END IF;
        PERFORM api.settle(p_run, p_step, p_token, 'finish');
    END IF;
    done := api.finish_run(p_run, p_status, p_error_type, p_error, p_step, p_token, p_is_late, now);
    outcome := 1;
    ended_ms := done.ended_ms;
    woken := (done.effects).woken;
    told := (done.effects).told;
    IF p_operator IS NOT NULL THEN
        PERFORM api.note_audit(stands.app, 'cancel', p_run, stands.workflow, p_operator, NULL, '');
    END IF;
END $$;

-- Runs whose deadline has passed, so many at most; the next deadline.
CREATE FUNCTION api.overdue(p_app text, p_limit integer, OUT now_ms bigint, OUT next_ms bigint, OUT runs uuid[])
LANGUAGE plpgsql AS $$
BEGIN
    now_ms := api.now_ms();
    SELECT coalesce(array_agg(run), '{}') INTO runs FROM (
        SELECT run FROM causeline.standings
        WHERE app = p_app AND status = 'running' AND deadline_ms <= now_ms ORDER BY deadline_ms LIMIT p_limit
    ) AS late;
    SELECT deadline_ms INTO next_ms FROM causeline.standings
    WHERE app = p_app AND status = 'running' AND deadline_ms > now_ms ORDER BY deadline_ms LIMIT 1;
END $$;
