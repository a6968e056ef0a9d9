-- When what may be steps of agents of others began in a range of time, the first and the last: looked for one by one, as for
-- `extent.sql`.
WITH containers AS NOT MATERIALIZED (
    SELECT start_ns FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND may_be_container(role, operation, work)
)
SELECT
    (SELECT start_ns FROM containers ORDER BY start_ns LIMIT 1) AS first_ns,
    (SELECT start_ns FROM containers ORDER BY start_ns DESC LIMIT 1) AS last_ns
