-- Gives a due step to a worker, or to a cell, under a lease of its own. `outcome`: 0 when it is not due (any more), waits
-- for a cell, or is over its limit; -1 when its run began with a shape (`shape`) that will not do; 1 when it is taken.
CREATE FUNCTION api.claim(
    p_run uuid, p_step text, p_token text, p_lease_ms bigint, p_isolated boolean, p_has_undo boolean, p_shapes text[],
    p_upstream text[], p_parts text[], p_names text[], p_keys text[], p_at_once integer[], p_calls integer[],
    p_tokens bigint[],
    OUT outcome integer, OUT workflow text, OUT status text, OUT accepted_ms bigint, OUT carried bytea, OUT ended_ms bigint,
    OUT error_type bytea, OUT error bytea, OUT failed_step text, OUT shape text, OUT life integer, OUT resumed_ms bigint,
    OUT ending text, OUT undo_failed text[], OUT undo_error bytea, OUT is_undone boolean, OUT deadline_ms bigint,
    OUT attempt integer, OUT fails integer, OUT deaths integer, OUT vanished integer, OUT lost integer,
    OUT before_ms bigint, OUT now_ms bigint, OUT first_ms bigint, OUT results bytea[], OUT parts bytea[], OUT woken integer
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings;
    held causeline.steps;
    begun causeline.steps;
    again boolean;
    bound record;
    whole text;
    item text;
BEGIN
    outcome := 0;
    woken := 0;
    -- The token is ours already where the client repeats a claim whose answer it lost.
    SELECT * INTO held FROM causeline.steps AS one WHERE one.run = p_run AND one.step = p_step;
    IF NOT FOUND OR (held.due_ms > api.now_ms() AND held.token IS DISTINCT FROM p_token) THEN RETURN; END IF;
    stands := api.locked(p_run);
    SELECT * INTO held FROM causeline.steps AS one WHERE one.run = p_run AND one.step = p_step FOR NO KEY UPDATE;
    now_ms := api.now_ms();
    again := held.token IS NOT DISTINCT FROM p_token;
    IF held.queue IS NULL OR (held.queue = 1) <> p_isolated OR (held.due_ms > now_ms AND NOT again) THEN RETURN; END IF;
    IF NOT api.goes_on(stands.status, p_step) THEN
        UPDATE causeline.steps AS one SET queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, token = NULL
        WHERE one.run = p_run AND one.step = p_step;
        IF held.turn IS NOT NULL THEN
            PERFORM api.leave_turns(stands.app, ARRAY[held.lane], ARRAY[held.turn], NULL, NULL);
        END IF;
        RETURN;
    END IF;
    shape := stands.shape;
    IF cardinality(p_shapes) > 0 AND shape IS NOT NULL AND NOT shape = ANY (p_shapes) THEN
        outcome := -1;
        RETURN;
    END IF;
    IF held.token IS NOT NULL AND NOT again THEN
        UPDATE causeline.steps AS one
        SET queue = 1, lane = NULL, turn = NULL, due_ms = now_ms, token = NULL, lost = one.attempt
        WHERE one.run = p_run AND one.step = p_step;
        IF NOT p_isolated THEN RETURN; END IF;
    END IF;
    IF cardinality(p_names) > 0 AND NOT again THEN
        FOR bound IN
            SELECT * FROM api.limits_of(stands.key_values, p_names, p_keys, p_at_once, p_calls, p_tokens)
        LOOP
            PERFORM pg_advisory_xact_lock(hashtextextended(stands.app || '|' || bound.name, 1));
            PERFORM api.drop_permits(stands.app, bound.name);
            IF api.room(stands.app, bound.name, bound.at_once, bound.calls, bound.tokens, now_ms) = 0 THEN RETURN; END IF;
        END LOOP;
        INSERT INTO causeline.permits AS one (app, name, run, step, token)
        SELECT stands.app, limits.name, p_run, p_step, p_token
        FROM api.limits_of(stands.key_values, p_names, p_keys, p_at_once, p_calls, p_tokens) AS limits
        WHERE limits.at_once IS NOT NULL
        ON CONFLICT (run, step, md5(name)) DO UPDATE SET token = excluded.token;
        PERFORM api.count_spent(stands.app, limits.name, 1, 0, now_ms)
        FROM api.limits_of(stands.key_values, p_names, p_keys, p_at_once, p_calls, p_tokens) AS limits
        WHERE limits.calls IS NOT NULL;
    END IF;
    IF held.turn IS NOT NULL THEN
        PERFORM api.leave_turns(stands.app, ARRAY[held.lane], ARRAY[held.turn], p_run, p_step);
    END IF;
    IF p_has_undo AND NOT EXISTS (SELECT FROM causeline.undos AS one WHERE one.run = p_run AND one.step = p_step) THEN
        -- From now on it may have happened.
        UPDATE causeline.standings AS one SET undo_order = one.undo_order + 1 WHERE one.run = p_run;
        INSERT INTO causeline.undos (run, step, place) VALUES (p_run, p_step, stands.undo_order + 1);
    END IF;
    whole := substring(p_step FROM '^([^~]*)\[\d+\]$');
    IF whole IS NOT NULL AND NOT again
        AND EXISTS (SELECT FROM causeline.fan_outs AS one WHERE one.run = p_run AND one.step = whole AND one.grows) THEN
        item := api.next_item(stands, whole);
        IF item IS NOT NULL THEN
            PERFORM api.make_due(stands, item, now_ms);
            woken := 1;
        END IF;
    END IF;
    begun := api.begin_attempt(p_run, p_step, p_token, now_ms + p_lease_ms, now_ms);
    IF begun.attempt > 1 THEN PERFORM api.note_attempt(p_run, p_step, begun.attempt, now_ms); END IF;
    SELECT one.carried INTO carried FROM causeline.runs AS one WHERE one.id = p_run;
    outcome := 1;
    workflow := stands.workflow;
    status := stands.status;
    accepted_ms := stands.accepted_ms;
    ended_ms := stands.ended_ms;
    error_type := stands.error_type;
    error := stands.error;
    failed_step := stands.failed_step;
    life := stands.life;
    resumed_ms := stands.resumed_ms;
    ending := stands.ending;
    undo_failed := stands.undo_failed;
    undo_error := stands.undo_error;
    is_undone := stands.is_undone;
    deadline_ms := stands.deadline_ms;
    attempt := begun.attempt;
    fails := begun.fails;
    deaths := begun.deaths;
    vanished := begun.vanished;
    lost := begun.lost;
    before_ms := begun.before_ms;
    first_ms := begun.first_ms;
    results := api.results_of(p_run, coalesce(p_upstream, '{}'));
    parts := api.parts_of(p_run, coalesce(p_parts, '{}'));
END $$;
