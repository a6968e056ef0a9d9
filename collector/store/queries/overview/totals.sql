-- Runs of others are the table `found_tops`. All that names the events of the range was stored within
-- `$named_since_us` and `$named_until_us`.
WITH others AS MATERIALIZED (FROM tops_of('found_tops', $first_ns, $end_ns)),
-- An event begins with its publication, or else with its first delivery. Nearly all were published in the range and not
-- before it, so that what lies outside is held against them, and not they against all.
published AS MATERIALIZED (
    SELECT DISTINCT node_id AS event_id FROM spans
    WHERE node_kind = 'event' AND start_ns >= $first_ns AND start_ns < $end_ns
),
published_before AS (
    SELECT node_id AS event_id FROM spans
    WHERE node_kind = 'event' AND start_ns < $first_ns AND stored_us BETWEEN $named_since_us AND $named_until_us
),
delivered AS MATERIALIZED (
    SELECT DISTINCT event_id FROM spans ANTI JOIN published USING (event_id)
    WHERE node_kind = 'delivery' AND event_id IS NOT NULL AND start_ns >= $first_ns AND start_ns < $end_ns
),
published_elsewhere AS (
    SELECT node_id AS event_id FROM spans SEMI JOIN delivered ON delivered.event_id = spans.node_id
    WHERE node_kind = 'event' AND stored_us BETWEEN $named_since_us AND $named_until_us
),
delivered_before AS (
    SELECT event_id FROM spans SEMI JOIN delivered USING (event_id)
    WHERE node_kind = 'delivery' AND start_ns < $first_ns AND stored_us BETWEEN $named_since_us AND $named_until_us
)
SELECT
    (SELECT count(*) FROM others) AS runs_of_others,
    (SELECT count(*) FROM others WHERE is_failed) AS failed_of_others,
    (SELECT count(*) FROM published ANTI JOIN published_before USING (event_id))
        + (
            SELECT count(*) FROM delivered
            ANTI JOIN published_elsewhere USING (event_id) ANTI JOIN delivered_before USING (event_id)
        ) AS events,
    -- With a filter, beside the other counts, all that there is would be grouped by it.
    (
        SELECT count(DISTINCT node_id) FROM spans
        WHERE node_kind = 'delivery' AND start_ns >= $first_ns AND start_ns < $end_ns
    ) AS deliveries,
    count(*) FILTER (WHERE node_kind IN ('step', 'delivery') AND has_worked(outcome)) AS attempts,
    count(*) FILTER (WHERE outcome IN ('retry', 'failed', 'dead_letter') AND node_kind IN ('step', 'delivery')) AS errors
FROM spans
WHERE start_ns >= $first_ns AND start_ns < $end_ns
