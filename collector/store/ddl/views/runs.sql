-- Runs; without an outcome they still go on.
CREATE OR REPLACE VIEW runs AS
SELECT
    node_id AS run_id,
    coalesce(any_value(workflow), '') AS workflow,
    any_value(service) AS service,
    min(start_ns) AS start_ns,
    max(end_ns) FILTER (WHERE outcome IS NOT NULL) AS end_ns,
    any_value(outcome) AS outcome,
    any_value(subject) AS subject,
    any_value(correlation_id) AS correlation_id,
    coalesce(any_value(input_keys), []) AS input_keys
FROM spans
WHERE node_kind = 'run'
GROUP BY node_id;
