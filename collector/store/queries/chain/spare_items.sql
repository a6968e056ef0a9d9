-- Items of fan-outs in some traces that a picture can do without: more than `$most` of one fan-out, that ended well at the
-- first attempt; with the median of how long all of its items took.
WITH items AS (
    SELECT
        node_id, run_id, step, regexp_replace(step_place, '\[\d+\]$', '') AS place, outcome, attempt, start_ns, end_ns
    FROM spans
    WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
        AND stored_us BETWEEN $since_us AND $until_us
        AND node_kind = 'step' AND ends_with(step_place, ']')
),
paced AS (
    SELECT run_id, step, place, quantile_cont(lasted(start_ns, end_ns) / 1e6, 0.5) AS p50_ms FROM items GROUP BY ALL
)
SELECT CAST(node_id AS VARCHAR) AS node_id, run_id, step, place, start_ns, end_ns, p50_ms
FROM items JOIN paced USING (run_id, step, place)
WHERE outcome = 'ok' AND attempt = 1
QUALIFY row_number() OVER (PARTITION BY run_id, step, place ORDER BY start_ns, node_id) > $most
