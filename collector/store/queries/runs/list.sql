-- A page of runs, in the order of what was stored when the first page was asked for: a span that comes in later may tell
-- of an earlier begin, and would move its run from page to page. How they stand is worked out for the page alone, unless
-- it is what they are chosen by; then for those of which some life ended so, which leaves few where few are wanted.
WITH candidates AS (
    SELECT DISTINCT node_id FROM spans
    WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns
        AND stored_us BETWEEN $since_us AND $until_us
        --[$among
        AND node_id IN (SELECT unnest($among))
        --]
        --[$waiting
        AND node_id IN (SELECT unnest($waiting))
        --]
        --[$outcomes
        AND (
            (
                list_contains($outcomes, 'running')
                AND node_id NOT IN (
                    -- Only a run that failed can go on after its end.
                    SELECT node_id FROM spans
                    WHERE node_kind = 'run' AND outcome IN ('ok', 'cancelled') AND stored_us BETWEEN $since_us AND $until_us
                )
            )
            OR node_id IN (
                SELECT node_id FROM spans
                WHERE node_kind = 'run' AND list_contains($outcomes, outcome) AND stored_us BETWEEN $since_us AND $until_us
            )
            OR (
                list_contains($outcomes, 'undoing')
                AND node_id IN (
                    SELECT run_id FROM records
                    WHERE node_kind = 'step' AND starts_with(step_place, '~')
                        AND (running OR stored_us BETWEEN $since_us AND $until_us)
                )
            )
        )
        --]
        --[$session
        AND node_id IN (
            SELECT run_id FROM runs_of_sessions_near(session_id = $session, true) WHERE session_id = $session AND is_own
        )
        --]
        --[$agent
        AND node_id IN (
            SELECT run_id FROM spans WHERE trace_id IN (SELECT trace_id FROM spans WHERE agent = $agent)
        )
        --]
        --[$model
        AND node_id IN (
            SELECT run_id FROM spans WHERE trace_id IN (
                SELECT trace_id FROM spans WHERE role IS NOT NULL AND $model IN (work.model, work.response_model)
            )
        )
        --]
        --[$is_found
        AND node_id IN (SELECT CAST(id AS UUID) FROM found)
        --]
),
matching AS (
    SELECT node_id AS run_id, min(start_ns) AS first_ns
    FROM spans
    WHERE node_kind = 'run' AND stored_us <= $as_of AND node_id IN (SELECT node_id FROM candidates)
        AND stored_us BETWEEN $since_us AND $until_us
    GROUP BY node_id
    HAVING first_ns >= $first_ns AND first_ns < $end_ns
        AND (first_ns, run_id) < ($before_ns::BIGINT, $before_id::UUID)
        AND ($workflow IS NULL OR coalesce(any_value(workflow), '') = $workflow)
        AND ($app IS NULL OR bool_or(service = $app))
    ORDER BY first_ns DESC, run_id DESC
    LIMIT CASE WHEN $outcomes IS NULL THEN $most ELSE 9223372036854775807 END
),
-- An undo that hangs below no end of its run that is known is of a life that goes on; one that has only begun is told of
-- by a marker, which counts where no end is known at all: its worker may be gone.
undoing AS (
    SELECT DISTINCT run_id
    FROM records AS undo
    WHERE node_kind = 'step' AND starts_with(step_place, '~') AND run_id IN (SELECT run_id FROM matching)
        AND (running OR stored_us BETWEEN $since_us AND $until_us)
        AND NOT EXISTS (
            FROM spans AS ended
            WHERE ended.node_kind = 'run' AND ended.outcome IS NOT NULL AND ended.node_id = undo.run_id
                AND (undo.running OR ended.span_id = undo.parent_span_id)
        )
),
page AS (
    SELECT told.*, first_ns AS listed_ns, undoing.run_id IS NOT NULL AS is_undoing
    FROM runs_where(
        node_id IN (SELECT run_id FROM matching) AND stored_us BETWEEN $since_us AND $until_us
    ) AS told
    JOIN matching USING (run_id)
    LEFT JOIN undoing USING (run_id)
    WHERE $outcomes IS NULL
        OR list_contains(
            $outcomes, CASE WHEN undoing.run_id IS NOT NULL THEN 'undoing' ELSE coalesce(outcome, 'running') END
        )
    ORDER BY listed_ns DESC, run_id DESC
    LIMIT $most
),
totals AS (
    SELECT
        page.run_id,
        count(*) AS steps,
        count(*) FILTER (
            WHERE fate_of(
                tried.outcome, false, page.outcome,
                step = failed_step AND step_place IS NOT DISTINCT FROM failed_place, is_resumed
            ) = 'failed'
        ) AS failed_steps,
        sum(greatest(attempts - 1, 0))::BIGINT AS retries
    FROM tried_where(
        node_kind = 'step' AND run_id IN (SELECT run_id FROM page)
        AND (running OR stored_us BETWEEN $since_us AND $until_us)
    ) AS tried
    JOIN page USING (run_id)
    GROUP BY page.run_id
)
SELECT
    page.*,
    coalesce(steps, 0) AS steps,
    coalesce(failed_steps, 0) AS failed_steps,
    coalesce(retries, 0) AS retries
FROM page LEFT JOIN totals USING (run_id)
ORDER BY page.listed_ns DESC, page.run_id DESC
