-- The newest traces of each service in which an agent of others worked, of those that began in a time range, and how many
-- there are of it: first the newest of each service, so that none is left out for another that is busy.
WITH traces AS (
    SELECT trace_id, coalesce(arg_min(service, (start_ns, span_id)), '') AS service, min(start_ns) AS start_ns
    FROM spans
    WHERE is_container(role) AND node_kind = 'span' AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY trace_id
)
SELECT
    trace_id, service, start_ns, count(*) OVER (PARTITION BY service) AS traces,
    row_number() OVER (PARTITION BY service ORDER BY start_ns DESC, trace_id) AS place
FROM traces
QUALIFY place <= $each
ORDER BY place, start_ns DESC, trace_id
LIMIT $most
