-- Who sent spans that began in a time range: how many, how many of them failed, and when the last one began. Foreign spans
-- are those that are no record of a node of ours, nor of a recorded call within one: what fails of these its step tells.
-- What claims an impossible time counts by when it came. Of a run of agents that failed, its topmost span is counted; all
-- that was stored of such traces was stored within `$since_us` and `$until_us`.
WITH meant AS (
    -- As one condition with an OR, or outside of what is made of each span, the database reads all that is stored.
    FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns
    UNION ALL
    FROM spans
    WHERE is_early(start_ns) AND NOT (start_ns >= $first_ns AND start_ns < $end_ns)
        AND dated(start_ns, stored_us) >= $first_ns AND dated(start_ns, stored_us) < $end_ns
),
failed_runs AS (
    SELECT service, count(*) AS failed_runs
    FROM spans AS top
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND node_kind = 'span'
        AND has_failed(node_kind, status_code, outcome) AND role IS NOT NULL AND NOT is_detail(role)
        AND NOT EXISTS (
            SELECT 1 FROM spans_stored($since_us, $until_us) AS parent
            WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id
                AND parent.span_id <> top.span_id AND (parent.role IS NOT NULL OR parent.node_kind = 'step')
        )
    GROUP BY service
)
SELECT
    service,
    count(*) AS spans,
    count(*) FILTER (WHERE has_failed(node_kind, status_code, outcome)) AS errors,
    count(*) FILTER (WHERE is_foreign OR (node_kind = 'event' AND event_id IS NULL)) AS foreign_spans,
    count(*) FILTER (WHERE is_foreign AND has_failed(node_kind, status_code, outcome)) AS foreign_errors,
    coalesce(any_value(failed_runs), 0) AS foreign_failed_runs,
    max(dated(start_ns, stored_us)) AS last_ns
FROM (
    SELECT
        *, node_kind = 'span' AND NOT coalesce(
            role = 'tool' AND scope_id IN (SELECT ours.scope_id FROM scopes AS ours WHERE ours.name = 'causeline'), false
        ) AS is_foreign
    FROM meant
) AS spans LEFT JOIN failed_runs USING (service)
GROUP BY service
ORDER BY foreign_errors DESC, spans DESC, service
