-- Agents of which something failed or was tried again in a time range, the worst first: attempts of ours that an agent
-- made, and spans of others that an agent is said to have worked in. Calls of models and tools are no work of their own;
-- an attempt that left to wait goes on in the one that follows, which is no retry.
WITH done AS (
    SELECT
        agent, service, start_ns, node_kind <> 'span' AS is_own,
        CASE WHEN node_kind = 'span' THEN has_failed(node_kind, status_code, outcome)
            ELSE coalesce(outcome IN ('retry', 'failed', 'dead_letter'), false) END AS is_failed,
        coalesce(attempt, 1) > 1 AS is_again,
        coalesce(node_kind = 'step' AND outcome = 'waiting', false) AS is_wait,
        lasted(start_ns, end_ns) / 1e6 AS ms
    FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND agent <> '' AND has_worked(outcome)
        AND (node_kind IN ('step', 'delivery') OR (node_kind = 'span' AND role IS NOT NULL AND NOT is_detail(role)))
)
SELECT
    agent,
    arg_max(service, start_ns) AS app,
    bool_or(is_own) AS own,
    count(*) FILTER (WHERE NOT is_wait) AS attempts,
    count(*) FILTER (WHERE is_failed) AS errors,
    greatest(count(*) FILTER (WHERE is_again) - count(*) FILTER (WHERE is_wait), 0) AS retries,
    quantile_cont(ms, 0.95) FILTER (WHERE ms IS NOT NULL) AS p95_ms
FROM done
GROUP BY agent
HAVING errors > 0 OR retries > 0
ORDER BY errors / attempts DESC, retries / attempts DESC, attempts DESC, agent
LIMIT $most
