-- When containers of agents of others were stored last that began in a part of a range of time, of those that were since a time.
SELECT start_ns // $length_ns AS place, max(stored_us) AS stored_us
FROM spans
WHERE stored_us > $since_us AND start_ns >= $first_ns AND start_ns < $end_ns AND may_be_container(role, operation, work)
GROUP BY place
