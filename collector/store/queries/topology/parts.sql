-- How steps, groups and workflows did that began in a time range.
WITH worked AS (
    SELECT kind, service, workflow, step, arg_max(agent, start_ns) AS agent, count(*) AS n, count(*) FILTER (WHERE is_bad) AS bad
    FROM topology_work WHERE has_worked GROUP BY kind, service, workflow, step
),
took AS (
    SELECT kind, service, workflow, step, quantile_cont(took_ns / 1e6, 0.5) AS p50_ms
    FROM (SELECT kind, service, workflow, step, unnest(tries).took_ns AS took_ns FROM topology_work WHERE has_worked)
    GROUP BY ALL
),
begun AS (
    SELECT node_id, any_value(service) AS service, coalesce(any_value(workflow), '') AS workflow
    FROM spans
    WHERE node_kind = 'run' AND outcome IS NULL AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY node_id
),
ended AS (
    SELECT node_id, arg_max(outcome, start_ns) AS outcome, arg_max(lasted(start_ns, end_ns), start_ns) AS took_ns
    FROM spans
    WHERE node_kind = 'run' AND outcome IS NOT NULL AND start_ns >= $first_ns
    GROUP BY node_id
)
SELECT kind, service, workflow, step, agent, n, bad, p50_ms
FROM worked LEFT JOIN took USING (kind, service, workflow, step)
UNION ALL
SELECT
    'run', service, workflow, '', '', count(*), count(*) FILTER (WHERE outcome = 'failed'),
    quantile_cont(took_ns / 1e6, 0.5)
FROM begun LEFT JOIN ended USING (node_id)
GROUP BY service, workflow
ORDER BY ALL
