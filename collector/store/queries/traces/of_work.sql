-- The traces of some sessions, of what was stored up to a time, or of some runs of ours. All that was stored of these was
-- stored within `$since_us` and `$until_us`. Ids of runs begin with their time: by their bounds most is not read either.
SELECT DISTINCT trace_id AS id FROM spans
WHERE true
--[$sessions
    AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
--]
--[$runs
    AND run_id IN (SELECT unnest($runs::UUID[]))
    AND run_id BETWEEN list_min($runs::UUID[]) AND list_max($runs::UUID[])
--]
--[$as_of
    AND stored_us <= $as_of
--]
    AND stored_us BETWEEN $since_us AND $until_us
