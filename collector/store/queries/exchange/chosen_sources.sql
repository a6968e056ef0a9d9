-- What the rows of a range name as where they come from.
CREATE OR REPLACE TEMP TABLE chosen_sources AS
SELECT resource_id, scope_id FROM spans WHERE start_ns >= $since_ns AND start_ns < $until_ns
UNION
SELECT resource_id, scope_id FROM superseded SEMI JOIN chosen_spans USING (trace_id, span_id)
UNION
SELECT resource_id, scope_id FROM pending WHERE start_ns >= $since_ns AND start_ns < $until_ns
UNION
SELECT resource_id, scope_id FROM logs
WHERE log_time(time_ns, observed_ns) >= $since_ns AND log_time(time_ns, observed_ns) < $until_ns
UNION
SELECT resource_id, scope_id FROM metric_points WHERE time_ns >= $since_ns AND time_ns < $until_ns
