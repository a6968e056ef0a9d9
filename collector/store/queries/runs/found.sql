-- The runs that a search finds.
SELECT DISTINCT run_id AS id
FROM runs_found($ids, $span_ids, $halves, $literal, $pattern, $first_ns)
WHERE run_id IS NOT NULL
LIMIT $most
