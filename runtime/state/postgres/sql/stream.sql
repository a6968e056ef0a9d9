-- What runs stream.

-- Adds an entry behind the newest one. None calls it from outside.
CREATE FUNCTION api.add_entry(p_run uuid, p_kind text, p_step text, p_attempt integer, p_now bigint, p_value bytea)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO causeline.chunks (run, place, kind, step, attempt, at_ms, value, upto)
    SELECT p_run, coalesce(max(newest.place), 0) + 1, p_kind, p_step, p_attempt, p_now, p_value,
        coalesce(max(newest.upto), 0) + octet_length(p_step) + octet_length(p_value) + 64
    FROM (SELECT place, upto FROM causeline.chunks WHERE run = p_run ORDER BY place DESC LIMIT 1) AS newest
$$;

-- Tells the readers of a run that another attempt at a step has begun, where one before has streamed: what that said does
-- not count any more. How many chunks of the attempt are there.
CREATE FUNCTION api.note_attempt(p_run uuid, p_step text, p_attempt integer, p_now bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    held causeline.steps;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step;
    IF held.streamed_by = p_attempt THEN RETURN held.streamed; END IF;
    IF held.streamed > 0 THEN PERFORM api.add_entry(p_run, 'attempt', p_step, p_attempt, p_now, ''); END IF;
    IF held.streamed_by IS NOT NULL THEN
        UPDATE causeline.steps SET streamed_by = p_attempt, streamed = 0 WHERE run = p_run AND step = p_step;
    END IF;
    RETURN 0;
END $$;

-- Adds chunks that an attempt streams, the first of which is its p_first. False when stale. Asked again: chunks that are
-- there already are not added twice. The oldest are dropped beyond p_most bytes.
CREATE FUNCTION api.stream(
    p_run uuid, p_step text, p_token text, p_attempt integer, p_most bigint, p_first integer, p_chunks bytea[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    stands causeline.standings := api.locked(p_run);
    held causeline.steps;
    now bigint := api.now_ms();
    last integer := p_first + cardinality(p_chunks) - 1;
    before integer;
BEGIN
    SELECT * INTO held FROM causeline.steps WHERE run = p_run AND step = p_step;
    IF NOT api.owns(stands, held, p_token) THEN RETURN false; END IF;
    before := api.note_attempt(p_run, p_step, p_attempt, now);
    IF last <= before THEN RETURN true; END IF;
    IF p_first > before + 1 THEN
        PERFORM api.add_entry(p_run, 'lost', p_step, p_attempt, now, convert_to((p_first - before - 1)::text, 'UTF8'));
    END IF;
    FOR at IN greatest(p_first, before + 1) .. last LOOP
        PERFORM api.add_entry(p_run, 'chunk', p_step, p_attempt, now, p_chunks[at - p_first + 1]);
    END LOOP;
    UPDATE causeline.steps SET streamed_by = p_attempt, streamed = last WHERE run = p_run AND step = p_step;
    DELETE FROM causeline.chunks AS old USING (
        SELECT place, upto FROM causeline.chunks WHERE run = p_run ORDER BY place DESC LIMIT 1
    ) AS newest
    WHERE old.run = p_run AND old.place < newest.place
        AND newest.upto - old.upto + octet_length(old.step) + octet_length(old.value) + 64 > p_most;
    RETURN true;
END $$;

-- How a run stands, and the bounds of its stream.
CREATE FUNCTION api.stands(p_app text, p_run uuid)
RETURNS TABLE (status text, error_type bytea, error bytea, first bigint, last bigint) LANGUAGE sql STABLE AS $$
    SELECT status, error_type, error,
        (SELECT place FROM causeline.chunks WHERE run = p_run ORDER BY place LIMIT 1),
        (SELECT place FROM causeline.chunks WHERE run = p_run ORDER BY place DESC LIMIT 1)
    FROM causeline.standings WHERE app = p_app AND run = p_run
$$;

-- Entries of a run's stream behind an offset.
CREATE FUNCTION api.streamed(p_run uuid, p_after bigint, p_limit integer)
RETURNS TABLE (place bigint, kind text, step text, attempt integer, at_ms bigint, value bytea) LANGUAGE sql STABLE AS $$
    SELECT place, kind, step, attempt, at_ms, value FROM causeline.chunks
    WHERE run = p_run AND place > p_after ORDER BY place LIMIT p_limit
$$;
