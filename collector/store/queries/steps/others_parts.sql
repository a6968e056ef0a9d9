-- Where parts begin of a range of time in which about so many containers of agents of others began each.
SELECT start_ns AS first_ns
FROM (
    SELECT start_ns, row_number() OVER (ORDER BY start_ns) AS place FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND may_be_container(role, operation, work)
)
WHERE place > 1 AND place % $most = 1
ORDER BY first_ns
