-- The oldest spans that began before a time, whatever they belong to; the first so many.
CREATE OR REPLACE TEMP TABLE cut AS
SELECT trace_id, span_id, start_ns FROM spans WHERE start_ns < $until_ns AND dated(start_ns, stored_us) < $until_ns ORDER BY start_ns LIMIT $most
