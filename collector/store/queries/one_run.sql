SELECT
    runs.*,
    (SELECT count(*) FROM steps WHERE run_id = $id) AS steps,
    (SELECT count(*) FROM steps WHERE run_id = $id AND outcome = 'failed') AS failed_steps,
    (SELECT coalesce(sum(retries), 0)::BIGINT FROM steps WHERE run_id = $id) AS retries
FROM runs
WHERE run_id = $id
