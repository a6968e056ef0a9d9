-- When the attempts of one step began, the first and the last.
SELECT min(attempt.start_ns) AS first_ns, max(attempt.start_ns) AS last_ns
FROM (SELECT unnest(tries) AS attempt FROM step_nodes)
