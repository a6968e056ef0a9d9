-- Runs of ours that have a part in some traces.
SELECT CAST(run_id AS BLOB) AS id
FROM spans
WHERE trace_id IN (SELECT CAST(id AS UUID) FROM clues) AND run_id IS NOT NULL AND stored_us BETWEEN $since_us AND $until_us
LIMIT $most
