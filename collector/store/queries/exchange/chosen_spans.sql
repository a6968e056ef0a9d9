-- The spans of a range.
CREATE OR REPLACE TEMP TABLE chosen_spans AS
SELECT trace_id, span_id, start_ns FROM spans WHERE start_ns >= $since_ns AND start_ns < $until_ns
