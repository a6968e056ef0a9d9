-- Accepts a run and books its first steps. `outcome`: 1 when it is accepted, now or before, for this id or this key; -1
-- when the key stands for other inputs; -2 when the deadline has passed.
CREATE FUNCTION api.start(
    p_app text, p_run uuid, p_workflow text, p_key bytea, p_inputs text, p_carried bytea, p_digest text, p_shape bytea,
    p_deadline text, p_key_values jsonb, p_steps text[], p_needs integer[],
    OUT outcome integer, OUT accepted_ms bigint, OUT run uuid, OUT woken integer
) LANGUAGE plpgsql AS $$
DECLARE
    now bigint := api.now_ms();
    deadline bigint;
    before causeline.runs;
BEGIN
    outcome := 1;
    run := p_run;
    woken := 1; -- of one that is repeated nobody may have been told
    SELECT one.accepted_ms INTO accepted_ms FROM causeline.runs AS one WHERE one.id = p_run;
    IF FOUND THEN RETURN; END IF;
    IF p_key IS NOT NULL THEN
        SELECT * INTO before FROM causeline.runs AS one
        WHERE one.app = p_app AND one.workflow = p_workflow AND sha256(one.key) = sha256(p_key) AND one.key IS NOT NULL;
    END IF;
    IF before.id IS NULL THEN
        IF p_deadline IS NOT NULL THEN
            deadline := p_deadline::bigint + CASE WHEN starts_with(p_deadline, '+') THEN now ELSE 0 END;
            IF deadline <= now THEN
                outcome := -2;
                accepted_ms := now;
                RETURN;
            END IF;
        END IF;
        INSERT INTO causeline.runs (id, app, workflow, accepted_ms, key, inputs, carried)
        VALUES (p_run, p_app, p_workflow, now, p_key, p_inputs, p_carried) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN -- somebody has just been first
            SELECT * INTO before FROM causeline.runs AS one
            WHERE one.id = p_run OR (one.app = p_app AND one.workflow = p_workflow AND sha256(one.key) = sha256(p_key));
        END IF;
    END IF;
    IF before.id IS NOT NULL THEN
        accepted_ms := before.accepted_ms;
        run := before.id;
        IF before.id <> p_run AND before.inputs <> p_inputs THEN outcome := -1; END IF;
        RETURN;
    END IF;
    accepted_ms := now;
    IF p_digest IS NOT NULL THEN
        INSERT INTO causeline.shapes (app, digest, shape) VALUES (p_app, p_digest, p_shape) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO causeline.standings
        (run, app, workflow, accepted_ms, status, open, shape, deadline_ms, deadline_in, key_values)
    VALUES (
        p_run, p_app, p_workflow, now, 'running', cardinality(p_steps), p_digest, deadline, deadline - now, p_key_values
    );
    INSERT INTO causeline.steps (run, step, app, workflow, needs, queue, due_ms)
    SELECT p_run, one.step, p_app, p_workflow, one.needs, CASE WHEN one.needs = 0 THEN 0 END,
        CASE WHEN one.needs = 0 THEN now END
    FROM unnest(p_steps, p_needs) AS one (step, needs);
    SELECT count(*) INTO woken FROM unnest(p_needs) AS one (needs) WHERE one.needs = 0;
END $$;
