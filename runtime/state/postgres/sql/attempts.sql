-- What becomes of an attempt that does not commit.

-- Books another attempt: after one that failed, one that was released (cut off by a stop), or one that is unbegun and
-- does not count (its breaker was open). One that failed has ended without harm and needs no cell any more; one that is
-- spared has failed, and counts for no failure. False when stale; asked again: true.
CREATE FUNCTION api.retry(p_run uuid, p_step text, p_token text, p_delay_ms bigint, p_how text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step FOR NO KEY UPDATE;
    IF NOT api.owns(stands, held, p_token) THEN
        RETURN coalesce(held.settled = p_how || '|' || p_token, false);
    END IF;
    UPDATE causeline.steps SET
        token = NULL, settled = p_how || '|' || p_token, due_ms = api.now_ms() + p_delay_ms,
        queue = CASE WHEN queue = 1 AND p_how NOT IN ('failed', 'spared') THEN 1 ELSE 0 END,
        fails = fails + (p_how = 'failed')::integer,
        attempt = attempt - (p_how = 'unbegun')::integer,
        at_ms = CASE p_how WHEN 'unbegun' THEN before_ms ELSE at_ms END,
        first_ms = CASE WHEN p_how = 'unbegun' AND attempt = 1 THEN NULL ELSE first_ms END
    WHERE run = p_run AND step = p_step;
    RETURN true;
END $$;

-- Lengthens leases that still hold; the places, from 0, of those that are lost. What somebody settles just now is passed
-- over: whoever waited for it could wait for ever.
CREATE FUNCTION api.renew(p_runs uuid[], p_steps text[], p_tokens text[], p_lease_ms bigint) RETURNS TABLE (lost integer)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE causeline.steps AS held
    SET due_ms = CASE WHEN free.goes_on THEN api.now_ms() + p_lease_ms END,
        queue = CASE WHEN free.goes_on THEN held.queue END,
        token = CASE WHEN free.goes_on THEN held.token END
    FROM (
        SELECT one.run, one.step, api.goes_on(stands.status, one.step) AS goes_on
        FROM unnest(p_runs, p_steps, p_tokens) AS mine (run, step, token)
        JOIN causeline.steps AS one ON one.run = mine.run AND one.step = mine.step AND one.token = mine.token
        LEFT JOIN causeline.standings AS stands ON stands.run = mine.run
        ORDER BY one.run, one.step FOR NO KEY UPDATE OF one SKIP LOCKED
    ) AS free
    WHERE held.run = free.run AND held.step = free.step;
    RETURN QUERY
        SELECT (mine.at - 1)::integer FROM unnest(p_runs, p_steps, p_tokens) WITH ORDINALITY AS mine (run, step, token, at)
        LEFT JOIN causeline.steps AS one ON one.run = mine.run AND one.step = mine.step AND one.token = mine.token
        WHERE one.run IS NULL ORDER BY mine.at;
END $$;

-- Takes all that a worker held which is gone: it waits for cells. How much.
CREATE FUNCTION api.forfeit(p_app text, p_consumer text, p_blame text) RETURNS bigint LANGUAGE sql AS $$
    WITH held AS (
        SELECT run, step FROM causeline.steps
        WHERE app = p_app AND token >= p_consumer || '|' AND token < p_consumer || '}'
        ORDER BY run, step FOR NO KEY UPDATE
    ),
    taken AS (
        UPDATE causeline.steps AS one
        SET token = NULL, queue = 1, lane = NULL, turn = NULL, due_ms = api.now_ms(), lost = attempt,
            deaths = deaths + (p_blame = 'deaths')::integer, vanished = vanished + (p_blame = 'vanished')::integer
        FROM held WHERE one.run = held.run AND one.step = held.step RETURNING one.run
    )
    SELECT count(*) FROM taken
$$;

-- Makes a step due now that is due later; one that is under way is left alone.
CREATE FUNCTION api.wake(p_run uuid, p_step text) RETURNS integer LANGUAGE sql AS $$
    WITH woken AS (
        UPDATE causeline.steps SET due_ms = api.now_ms()
        WHERE run = p_run AND step = p_step AND queue IN (0, 1) AND token IS NULL
        RETURNING 1
    )
    SELECT count(*)::integer FROM woken
$$;

-- What an attempt at a step has recorded of a call.
CREATE FUNCTION api.recorded(p_run uuid, p_step text, p_call bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT record FROM causeline.calls WHERE run = p_run AND step = p_step AND sha256(call) = sha256(p_call)
$$;

-- Records a call that an attempt has made; false when stale. Where another step has failed the run meanwhile the attempt is
-- over, but what is paid for is there when the run is resumed.
CREATE FUNCTION api.record(p_run uuid, p_step text, p_token text, p_call bytea, p_record bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step;
    IF held.token = p_token AND (stands.status = 'failed' OR api.goes_on(stands.status, p_step)) THEN
        INSERT INTO causeline.calls (run, step, call, record) VALUES (p_run, p_step, p_call, p_record)
        ON CONFLICT (run, step, sha256(call)) DO UPDATE SET record = p_record;
    END IF;
    RETURN api.owns(stands, held, p_token);
END $$;
