-- Keeps the newest runs of each workflow that began in a time range and have ended, and how many there are of it: first the
-- newest of each workflow, so that none is left out for another that is busy.
CREATE OR REPLACE TEMP TABLE advised_runs AS
WITH begun AS (
    SELECT
        node_id AS run_id, any_value(service) AS service, coalesce(any_value(workflow), '') AS workflow, min(start_ns) AS start_ns
    FROM spans
    WHERE node_kind = 'run' AND outcome IS NULL AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY node_id
),
ended AS (
    SELECT
        node_id AS run_id, arg_max(outcome, end_ns) AS outcome, arg_max_null(step, end_ns) AS failed_step, max(end_ns) AS end_ns
    FROM spans
    WHERE node_kind = 'run' AND outcome IS NOT NULL AND start_ns >= $first_ns
    GROUP BY node_id
)
SELECT
    *, count(*) OVER (PARTITION BY service, workflow) AS runs,
    row_number() OVER (PARTITION BY service, workflow ORDER BY start_ns DESC, run_id) AS place
FROM begun JOIN ended USING (run_id)
WHERE outcome IN ('ok', 'failed')
QUALIFY place <= $each
ORDER BY place, start_ns DESC, run_id
LIMIT $most
