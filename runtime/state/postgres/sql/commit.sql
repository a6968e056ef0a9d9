-- Commits a step's result exactly once, with the events that it published and the state that it wrote, and books what
-- follows. One of the steps that it makes due may be taken at once by whoever commits, as `claim` would give it.
-- p_takes maps the steps that may be taken to the steps whose results they read; `whole[*]` is whichever item is next.
-- `outcome`: 1 when it holds; 0 when stale; -1 when the outbox has no room; -2 when one more item has failed than is
-- tolerated. Asked again: 1, without entries.
CREATE FUNCTION api.commit(
    p_run uuid, p_step text, p_token text, p_result bytea, p_cap integer, p_successors text[],
    p_envelopes bytea[], p_parents text[], p_agents text[], p_keys bytea[], p_values bytea[], p_app_keys bytea[],
    p_app_values bytea[], p_next_token text, p_next_lease bigint, p_life integer, p_takes jsonb, p_name text,
    p_item_of text, p_tolerated integer, p_gathered integer, p_again text[], p_again_needs integer[], p_noted text[],
    p_notes bytea[], p_undo text,
    OUT outcome integer, OUT is_over boolean, OUT now_ms bigint, OUT accepted_ms bigint, OUT entries bigint[],
    OUT taken text, OUT attempt integer, OUT fails integer, OUT deaths integer, OUT vanished integer, OUT lost integer,
    OUT before_ms bigint, OUT first_ms bigint, OUT results bytea[], OUT part_names text[], OUT parts bytea[],
    OUT woken integer, OUT told uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    begun causeline.steps;
    any_item text := p_item_of || '[*]';
    due text[] := '{}';
    one text;
    left_open integer;
    opened integer := 0;
    last_undo integer := stands.undo_order;
    effects api.effects;
    of_undo record;
BEGIN
    SELECT * INTO held FROM causeline.steps AS mine WHERE mine.run = p_run AND mine.step = p_step FOR NO KEY UPDATE;
    now_ms := api.now_ms();
    accepted_ms := stands.accepted_ms;
    outcome := 0;
    is_over := false;
    woken := 0;
    told := '{}';
    entries := '{}';
    IF NOT api.owns(stands, held, p_token) THEN
        IF held.settled IS DISTINCT FROM 'commit|' || p_token THEN RETURN; END IF;
        outcome := 1;
        woken := 1; -- nobody may have been told
        SELECT mine.step INTO taken FROM causeline.steps AS mine
        WHERE mine.run = p_run AND mine.token = p_next_token AND (p_takes ? mine.step OR mine.step = held.took);
        IF stands.ended_by = p_token THEN
            is_over := true;
            told := ARRAY[p_run];
            now_ms := stands.ended_ms;
        END IF;
    ELSE
        IF cardinality(p_envelopes) > 0 AND NOT api.has_room(stands.app, cardinality(p_envelopes), p_cap) THEN
            outcome := -1;
            RETURN;
        END IF;
        IF p_tolerated IS NOT NULL THEN
            UPDATE causeline.fan_outs AS mine SET failed = mine.failed + 1
            WHERE mine.run = p_run AND mine.step = p_item_of AND mine.failed < p_tolerated;
            IF NOT FOUND THEN
                outcome := -2;
                RETURN;
            END IF;
        END IF;
        outcome := 1;
        UPDATE causeline.steps AS mine
        SET token = NULL, queue = NULL, lane = NULL, turn = NULL, due_ms = NULL, needs = NULL,
            settled = 'commit|' || p_token
        WHERE mine.run = p_run AND mine.step = p_step;
        IF p_undo = 'undo' THEN
            DELETE FROM causeline.undos AS mine WHERE mine.run = p_run AND mine.step = substr(p_step, 2);
        ELSE
            INSERT INTO causeline.results AS mine (run, name, value) VALUES (p_run, p_name, p_result)
            ON CONFLICT (run, name) DO UPDATE SET value = p_result;
        END IF;
        IF p_undo = 'done' THEN
            last_undo := last_undo + 1;
            INSERT INTO causeline.undos AS mine (run, step, place) VALUES (p_run, p_step, last_undo)
            ON CONFLICT (run, step) DO UPDATE SET place = excluded.place;
            PERFORM api.note_part(p_run, '~' || p_step, p_result);
        ELSIF p_undo = 'not done' THEN
            DELETE FROM causeline.undos AS mine WHERE mine.run = p_run AND mine.step = p_step;
        END IF;
        IF p_item_of IS NOT NULL THEN
            one := api.next_item(stands, p_item_of);
            IF one IS NOT NULL THEN due := due || one; END IF;
            UPDATE causeline.fan_outs AS mine SET open = mine.open - 1 WHERE mine.run = p_run AND mine.step = p_item_of
            RETURNING mine.open INTO left_open;
            IF left_open = 0 THEN due := due || p_item_of; END IF;
        ELSIF p_undo <> 'undo' THEN
            opened := -1;
        END IF;
        IF p_gathered > 0 THEN PERFORM api.forget_items(p_run, p_step, p_gathered); END IF;
        IF cardinality(p_again) > 0 THEN
            opened := opened + cardinality(p_again);
            INSERT INTO causeline.steps AS mine (run, step, app, workflow, needs)
            SELECT p_run, round.step, stands.app, stands.workflow, round.needs
            FROM unnest(p_again, p_again_needs) AS round (step, needs)
            ON CONFLICT (run, step) DO UPDATE SET needs = excluded.needs;
            due := due || ARRAY(SELECT step FROM unnest(p_again, p_again_needs) AS round (step, needs) WHERE needs = 0);
        END IF;
        IF cardinality(p_noted) > 0 THEN
            PERFORM api.note_part(p_run, name, value) FROM unnest(p_noted, p_notes) AS note (name, value);
        END IF;
        IF cardinality(p_successors) > 0 THEN
            WITH waits AS (
                UPDATE causeline.steps AS mine SET needs = mine.needs - 1
                WHERE mine.run = p_run AND mine.step = ANY (p_successors) AND mine.needs > 0 RETURNING mine.step, mine.needs
            )
            SELECT due || coalesce(array_agg(step ORDER BY array_position(p_successors, step)), '{}') INTO due
            FROM waits WHERE needs = 0;
        END IF;
        IF cardinality(p_envelopes) > 0 THEN
            WITH added AS (
                INSERT INTO causeline.outbox (app, at_ms, envelope, parent, agent)
                SELECT stands.app, now_ms, event.envelope, event.parent, event.agent
                FROM unnest(p_envelopes, p_parents, p_agents) WITH ORDINALITY AS event (envelope, parent, agent, at)
                ORDER BY event.at RETURNING id
            )
            SELECT array_agg(id ORDER BY id) INTO entries FROM added;
        END IF;
        IF cardinality(p_keys) > 0 THEN PERFORM api.write_run_state(p_run, p_keys, p_values); END IF;
        IF cardinality(p_app_keys) > 0 THEN PERFORM api.write_app_state(stands.app, p_app_keys, p_app_values); END IF;
        FOREACH one IN ARRAY due LOOP
            IF taken IS NULL AND stands.life = p_life
                AND (p_takes ? one OR (p_takes ? any_item AND one <> p_item_of)) THEN
                taken := one;
            ELSE
                PERFORM api.make_due(stands, one, now_ms);
                woken := woken + 1;
            END IF;
        END LOOP;
        IF p_undo <> 'undo' AND (opened <> 0 OR last_undo <> stands.undo_order) THEN
            UPDATE causeline.standings AS mine SET open = mine.open + opened, undo_order = last_undo
            WHERE mine.run = p_run;
        END IF;
        IF p_undo = 'undo' THEN
            of_undo := api.undo_next(p_run, p_token, now_ms);
            is_over := of_undo.is_over;
            effects := of_undo.effects;
        ELSIF opened <> 0 AND stands.open + opened = 0 THEN
            effects := api.end_run(p_run, 'ok', p_token, now_ms);
            is_over := true;
        END IF;
        IF effects.told IS NOT NULL THEN
            woken := woken + effects.woken;
            told := effects.told;
        END IF;
    END IF;
    IF taken IS NULL THEN RETURN; END IF;
    begun := api.begin_attempt(p_run, taken, p_next_token, api.now_ms() + p_next_lease, now_ms);
    IF NOT p_takes ? taken THEN
        UPDATE causeline.steps AS mine SET took = taken WHERE mine.run = p_run AND mine.step = p_step;
        part_names := ARRAY[taken, p_item_of];
        parts := api.parts_of(p_run, part_names);
    END IF;
    attempt := begun.attempt;
    fails := begun.fails;
    deaths := begun.deaths;
    vanished := begun.vanished;
    lost := begun.lost;
    before_ms := begun.before_ms;
    first_ms := begun.first_ms;
    results := api.results_of(
        p_run, ARRAY(SELECT jsonb_array_elements_text(coalesce(p_takes -> taken, p_takes -> any_item)))
    );
END $$;
