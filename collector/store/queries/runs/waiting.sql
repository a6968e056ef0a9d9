-- Runs of which a step may wait for an answer, those first of which one began first: as far as it is materialized what became
-- of steps says so, and of what came after that its attempts. Whether one waits now the live bus knows.
WITH waits AS (
    SELECT run_id, start_ns FROM materialized_work WHERE kind = 'step' AND outcome = 'waiting' AND run_id IS NOT NULL
    UNION ALL
    SELECT run_id, start_ns FROM spans
    WHERE (stored_us >= $known_us OR stored_us IS NULL) AND node_kind = 'step' AND outcome = 'waiting' AND run_id IS NOT NULL
)
SELECT run_id
FROM waits
WHERE run_id NOT IN (
    SELECT node_id FROM spans WHERE stored_us >= $known_us AND node_kind = 'run' AND outcome IN ('ok', 'cancelled')
)
GROUP BY run_id
ORDER BY min(start_ns), run_id
LIMIT $most
