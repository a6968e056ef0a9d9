SELECT runs.*, totals.*
FROM runs,
    (
        SELECT
            count(*) AS steps,
            count(*) FILTER (WHERE outcome = 'failed') AS failed_steps,
            coalesce(sum(retries), 0)::BIGINT AS retries
        FROM steps
        WHERE node_id IN (SELECT node_id FROM records WHERE node_kind = 'step' AND run_id = $id)
    ) AS totals
WHERE run_id = $id
