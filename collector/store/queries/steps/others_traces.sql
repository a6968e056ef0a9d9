-- The traces in which containers of agents of others began in a range of time.
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns AND may_be_container(role, operation, work)
--[$most
LIMIT $most
--]
