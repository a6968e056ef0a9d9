-- How many calls there may be in a range of time, or in some traces.
SELECT count(*) AS calls FROM spans
WHERE (is_paid(role) OR work.input_tokens IS NOT NULL)
--[$first_ns
    AND start_ns >= $first_ns AND start_ns < $end_ns
--]
--[$traces
    AND role IS NOT NULL -- as all that has `work`; most blocks hold none
    AND trace_id IN (SELECT unnest($traces::UUID[])) AND stored_us BETWEEN $since_us AND $until_us
--]
