WITH candidates AS (
    SELECT DISTINCT node_id FROM spans
    WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns
),
page AS (
    SELECT * FROM runs_where(node_id IN (SELECT node_id FROM candidates))
    WHERE start_ns >= $first_ns AND start_ns < $end_ns
        AND (start_ns, run_id) < ($before_ns::BIGINT, $before_id::UUID)
        AND ($workflow IS NULL OR workflow = $workflow)
        AND ($outcomes IS NULL OR list_contains($outcomes, coalesce(outcome, 'running')))
        AND (
            $q IS NULL OR contains(lower(coalesce(subject, '')), $q) OR contains(lower(workflow), $q)
            OR contains(CAST(run_id AS VARCHAR), $q) OR contains(CAST(correlation_id AS VARCHAR), $q)
        )
    ORDER BY start_ns DESC, run_id DESC
    LIMIT $most
),
totals AS (
    SELECT
        run_id,
        count(*) AS steps,
        count(*) FILTER (WHERE outcome = 'failed') AS failed_steps,
        sum(attempts - 1)::BIGINT AS retries
    FROM work_where(node_kind = 'step' AND run_id IN (SELECT run_id FROM page))
    GROUP BY run_id
)
SELECT
    page.*,
    coalesce(steps, 0) AS steps,
    coalesce(failed_steps, 0) AS failed_steps,
    coalesce(retries, 0) AS retries
FROM page LEFT JOIN totals USING (run_id)
ORDER BY page.start_ns DESC, page.run_id DESC
