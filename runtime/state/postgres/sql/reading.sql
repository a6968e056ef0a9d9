-- Runs as they stand.

CREATE VIEW api.records AS
SELECT runs.id, runs.app, runs.workflow, runs.accepted_ms, runs.carried, one.status, one.ended_ms, one.error_type, one.error,
    one.failed_step, one.shape, one.life, one.resumed_ms, one.ending, one.undo_failed, one.undo_error, one.undo_failed_ms,
    one.is_undone, one.deadline_ms
FROM causeline.runs JOIN causeline.standings AS one ON one.run = runs.id;

CREATE FUNCTION api.get(p_app text, p_run uuid) RETURNS SETOF api.records LANGUAGE sql STABLE AS $$
    SELECT * FROM api.records WHERE app = p_app AND id = p_run
$$;

-- How each of some runs stands.
CREATE FUNCTION api.statuses(p_app text, p_runs uuid[]) RETURNS TABLE (run uuid, status text) LANGUAGE sql STABLE AS $$
    SELECT run, status FROM causeline.standings WHERE app = p_app AND run = ANY (p_runs)
$$;

-- Of the runs accepted last, so many, those whose id ends so, newest first.
CREATE FUNCTION api.ending_with(p_app text, p_end text, p_limit integer) RETURNS TABLE (run uuid) LANGUAGE sql STABLE AS $$
    SELECT id FROM (
        SELECT id, accepted_ms FROM causeline.runs WHERE app = p_app ORDER BY accepted_ms DESC, id DESC LIMIT p_limit
    ) AS last
    WHERE right(id::text, length(p_end)) = p_end ORDER BY accepted_ms DESC, id DESC
$$;

-- Several runs at once.
CREATE FUNCTION api.several(p_app text, p_runs uuid[]) RETURNS SETOF api.records LANGUAGE sql STABLE AS $$
    SELECT * FROM api.records WHERE app = p_app AND id = ANY (p_runs)
$$;

-- The runs accepted last, newest first.
CREATE FUNCTION api.runs(p_app text, p_limit integer) RETURNS SETOF api.records LANGUAGE sql STABLE AS $$
    SELECT * FROM api.records WHERE app = p_app ORDER BY accepted_ms DESC, id DESC LIMIT p_limit
$$;

-- Runs of which an undo has failed for good, those first that are so the longest.
CREATE FUNCTION api.undo_failures(p_app text, p_limit integer) RETURNS SETOF api.records LANGUAGE sql STABLE AS $$
    SELECT * FROM api.records WHERE app = p_app AND undo_failed_ms IS NOT NULL ORDER BY undo_failed_ms, id LIMIT p_limit
$$;

-- A step's committed result.
CREATE FUNCTION api.result(p_app text, p_run uuid, p_name text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT value FROM causeline.results WHERE run = p_run AND name = p_name
$$;

-- Keys of a run's state, and of an app's.
CREATE FUNCTION api.read_run(p_run uuid, p_key bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT value FROM causeline.run_state WHERE run = p_run AND sha256(key) = sha256(p_key)
$$;
CREATE FUNCTION api.read_app(p_app text, p_key bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT value FROM causeline.app_state WHERE app = p_app AND sha256(key) = sha256(p_key)
$$;

-- What is kept of a run: names, and bytes of their values, so many of each kind at most.
CREATE FUNCTION api.kept_keys(p_run uuid, p_limit integer) RETURNS TABLE (kind text, name bytea, size integer)
LANGUAGE sql STABLE AS $$
    (SELECT 'result', convert_to(name, 'UTF8'), octet_length(value) FROM causeline.results
    WHERE run = p_run ORDER BY name LIMIT p_limit)
    UNION ALL
    (SELECT 'state', key, octet_length(value) FROM causeline.run_state WHERE run = p_run ORDER BY key LIMIT p_limit)
$$;

-- Lives that ended before p_older_ms ago and whose end nobody has confirmed as exported.
CREATE FUNCTION api.unconfirmed(p_app text, p_older_ms bigint, p_limit integer) RETURNS TABLE (run uuid, life integer)
LANGUAGE sql AS $$
    SELECT run, life FROM causeline.ends
    WHERE app = p_app AND ended_ms <= api.now_ms() - p_older_ms ORDER BY ended_ms, run LIMIT p_limit
$$;

-- What a life of a run that is over ended with, where that is kept.
CREATE FUNCTION api.former_end(p_run uuid, p_life integer) RETURNS SETOF causeline.ends LANGUAGE sql STABLE AS $$
    SELECT * FROM causeline.ends WHERE run = p_run AND life = p_life AND status IS NOT NULL
$$;

-- Notes that the end of a run's life is exported.
CREATE FUNCTION api.confirm(p_run uuid, p_life integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM causeline.ends WHERE run = p_run AND life = p_life
$$;

-- What operators did until a time, newest first.
CREATE FUNCTION api.audit(p_app text, p_until_ms bigint, p_limit integer) RETURNS SETOF causeline.audit LANGUAGE sql STABLE AS $$
    SELECT * FROM causeline.audit WHERE app = p_app AND at_ms <= coalesce(p_until_ms, 9223372036854775807)
    ORDER BY at_ms DESC, id DESC LIMIT p_limit
$$;

CREATE FUNCTION api.forget_audit(p_app text, p_older_ms bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM causeline.audit WHERE app = p_app AND at_ms < api.now_ms() - p_older_ms
$$;

-- Removes runs that ended before a time, the oldest first; runs that go on, or whose last end is not confirmed, stay. So
-- many at most; how many.
CREATE FUNCTION api.forget(p_app text, p_older_ms bigint, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    before bigint := api.now_ms() - p_older_ms;
    gone uuid[];
BEGIN
    DELETE FROM causeline.asked WHERE at_ms < api.now_ms() - 3600000;
    SELECT array_agg(run) INTO gone FROM (
        SELECT stands.run FROM causeline.runs JOIN causeline.standings AS stands ON stands.run = runs.id
        WHERE runs.app = p_app AND runs.accepted_ms <= before AND stands.ended_ms < before
            AND NOT EXISTS (SELECT FROM causeline.ends WHERE ends.run = runs.id AND ends.life = stands.life)
        ORDER BY runs.accepted_ms LIMIT p_limit FOR NO KEY UPDATE OF stands SKIP LOCKED
    ) AS old;
    IF gone IS NULL THEN RETURN 0; END IF;
    DELETE FROM causeline.steps WHERE run = ANY (gone);
    DELETE FROM causeline.permits WHERE run = ANY (gone);
    DELETE FROM causeline.results WHERE run = ANY (gone);
    DELETE FROM causeline.fan_outs WHERE run = ANY (gone);
    DELETE FROM causeline.parts WHERE run = ANY (gone);
    DELETE FROM causeline.undos WHERE run = ANY (gone);
    DELETE FROM causeline.calls WHERE run = ANY (gone);
    DELETE FROM causeline.waits WHERE run = ANY (gone);
    DELETE FROM causeline.chunks WHERE run = ANY (gone);
    DELETE FROM causeline.run_state WHERE run = ANY (gone);
    DELETE FROM causeline.standings WHERE run = ANY (gone);
    DELETE FROM causeline.runs WHERE id = ANY (gone);
    RETURN cardinality(gone);
END $$;

-- The outbox.
CREATE FUNCTION api.outbox_has(p_app text, p_entry bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM causeline.outbox WHERE app = p_app AND id = p_entry)
$$;
CREATE FUNCTION api.outbox_older(p_app text, p_than_ms bigint, p_after bigint, p_limit integer) RETURNS SETOF causeline.outbox
LANGUAGE sql AS $$
    SELECT * FROM causeline.outbox WHERE app = p_app AND id > p_after AND at_ms <= api.now_ms() - p_than_ms
    ORDER BY id LIMIT p_limit
$$;
CREATE FUNCTION api.outbox_remove(p_app text, p_entry bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM causeline.outbox WHERE app = p_app AND id = p_entry
$$;
