-- The traces of some runs of ours. All that was stored of these was stored within `$since_us` and `$until_us`. Ids of runs begin
-- with their time: by their bounds most is not read either.
SELECT DISTINCT trace_id AS id FROM spans
WHERE run_id IN (SELECT unnest($runs::UUID[]))
    AND run_id BETWEEN list_min($runs::UUID[]) AND list_max($runs::UUID[])
    AND stored_us BETWEEN $since_us AND $until_us
