-- Spans that began in a slice and were stored within a pass.
CREATE OR REPLACE TEMP TABLE reread AS
SELECT rowid AS place, row_number() OVER (ORDER BY start_ns, trace_id, span_id) - 1 AS "row"
FROM spans
WHERE start_ns >= $from_ns AND start_ns < $until_ns
    AND coalesce(stored_us, 0) >= $since_us AND coalesce(stored_us, 0) < $until_us
