-- A log record has no id: one that is sent again, because an answer was lost, is known by its content, in the form in which
-- it was decoded. Whose writer and sender say no time that can be, it was seen when it arrived.
INSERT INTO logs BY NAME
WITH incoming AS (
    SELECT
        incoming_logs.* REPLACE (
            nullif(trace_id, '00000000-0000-0000-0000-000000000000'::UUID) AS trace_id,
            coalesce(severity_number, 0) AS severity_number,
            CASE WHEN is_early(time_ns) AND is_early(observed_ns) THEN $now_ns ELSE observed_ns END AS observed_ns
        ),
        told.record_id,
        list_contains(keys_of(attributes), 'exception.type') AS is_exception,
        tells_evaluation(event_name, attributes) AS is_evaluation
    FROM incoming_logs POSITIONAL JOIN (SELECT hash(sent_logs) AS record_id FROM sent_logs) AS told
)
SELECT * FROM incoming
ANTI JOIN logs USING (record_id)
QUALIFY row_number() OVER (PARTITION BY record_id) = 1
