-- Runs of others are the table `found_tops`. All that names the runs and events of the range was stored within
-- `$named_since_us` and `$named_until_us`.
WITH candidates AS (
    SELECT DISTINCT node_id FROM spans
    WHERE node_kind = 'run' AND start_ns >= $first_ns AND start_ns < $end_ns
),
begun AS MATERIALIZED (
    SELECT outcome FROM runs_where(
        node_id IN (SELECT node_id FROM candidates) AND stored_us BETWEEN $named_since_us AND $named_until_us
    )
    WHERE start_ns >= $first_ns AND start_ns < $end_ns
),
others AS MATERIALIZED (FROM tops_of('found_tops', $first_ns, $end_ns)),
told AS MATERIALIZED (
    SELECT DISTINCT CASE node_kind WHEN 'event' THEN node_id ELSE event_id END AS event_id
    FROM spans
    WHERE node_kind IN ('event', 'delivery') AND start_ns >= $first_ns AND start_ns < $end_ns
),
-- Of each event its publication says when it began, else its first delivery.
events AS (
    SELECT coalesce(min(start_ns) FILTER (WHERE node_kind = 'event'), min(start_ns)) AS start_ns
    FROM (
        SELECT node_id AS event_id, node_kind, start_ns FROM spans
        WHERE node_kind = 'event' AND node_id IN (SELECT event_id FROM told)
            AND stored_us BETWEEN $named_since_us AND $named_until_us
        UNION ALL
        SELECT event_id, node_kind, start_ns FROM spans
        WHERE node_kind = 'delivery' AND event_id IN (SELECT event_id FROM told)
            AND stored_us BETWEEN $named_since_us AND $named_until_us
    )
    GROUP BY event_id
)
SELECT
    (SELECT count(*) FROM begun) AS runs,
    (SELECT count(*) FROM begun WHERE outcome = 'failed') AS runs_failed,
    (SELECT count(*) FROM others) AS runs_of_others,
    (SELECT count(*) FROM others WHERE is_failed) AS failed_of_others,
    (SELECT count(*) FROM events WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS events,
    -- With a filter, beside the other counts, all that there is would be grouped by it.
    (
        SELECT count(DISTINCT node_id) FROM spans
        WHERE node_kind = 'delivery' AND start_ns >= $first_ns AND start_ns < $end_ns
    ) AS deliveries,
    count(*) FILTER (WHERE node_kind IN ('step', 'delivery') AND has_worked(outcome)) AS attempts,
    count(*) FILTER (WHERE outcome IN ('retry', 'failed', 'dead_letter') AND node_kind IN ('step', 'delivery')) AS errors
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
