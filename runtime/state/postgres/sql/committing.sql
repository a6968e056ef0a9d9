-- Parts of a commit. None is called from outside.

-- Whether an outbox takes so many more events. An empty one takes any number: who publishes more than there is room for
-- could never end. Places that are free between the oldest and the newest are only counted where that could matter.
CREATE FUNCTION api.has_room(p_app text, p_count integer, p_cap integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    oldest bigint;
    newest bigint;
    waiting bigint;
BEGIN
    SELECT id INTO oldest FROM causeline.outbox WHERE app = p_app ORDER BY id LIMIT 1;
    IF oldest IS NULL THEN RETURN true; END IF;
    SELECT id INTO newest FROM causeline.outbox WHERE app = p_app ORDER BY id DESC LIMIT 1;
    IF newest - oldest + 1 + p_count <= p_cap THEN RETURN true; END IF;
    SELECT count(*) INTO waiting FROM (SELECT FROM causeline.outbox WHERE app = p_app LIMIT p_cap) AS first;
    RETURN waiting + p_count <= p_cap;
END $$;

-- Removes what a gathered step is made of: its items, and their results.
CREATE FUNCTION api.forget_items(p_run uuid, p_step text, p_count integer) RETURNS void LANGUAGE sql AS $$
    WITH items AS (SELECT p_step || '[' || at || ']' AS name FROM generate_series(0, p_count - 1) AS at),
    gone AS (DELETE FROM causeline.results USING items WHERE results.run = p_run AND results.name = items.name)
    DELETE FROM causeline.parts USING items WHERE parts.run = p_run AND parts.name = items.name
$$;

CREATE FUNCTION api.write_run_state(p_run uuid, p_keys bytea[], p_values bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.run_state (run, key, value)
    SELECT p_run, one.key, one.value FROM unnest(p_keys, p_values) AS one (key, value)
    ON CONFLICT (run, sha256(key)) DO UPDATE SET value = excluded.value;
END $$;

-- In the order of the keys, so that two who write the same ones never wait for each other.
CREATE FUNCTION api.write_app_state(p_app text, p_keys bytea[], p_values bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO causeline.app_state (app, key, value)
    SELECT p_app, one.key, one.value FROM unnest(p_keys, p_values) AS one (key, value) ORDER BY sha256(one.key)
    ON CONFLICT (app, sha256(key)) DO UPDATE SET value = excluded.value;
END $$;
