-- A page of events, as they were told when the first page was asked for: a span that comes in later may tell of an
-- earlier time, and would move its event from page to page.
WITH candidates AS MATERIALIZED (
    SELECT DISTINCT CASE node_kind WHEN 'event' THEN node_id ELSE event_id END AS event_id
    FROM spans
    WHERE node_kind IN ('event', 'delivery') AND start_ns >= $first_ns AND start_ns < $end_ns AND stored_us <= $as_of
        AND stored_us BETWEEN $since_us AND $until_us
        --[$channel
        -- What says when an event was published is what says where; it may say nothing, and another of its spans may.
        AND (channel = $channel OR channel IS NULL)
        --]
        --[$among
        AND CASE node_kind WHEN 'event' THEN node_id ELSE event_id END IN (SELECT unnest($among))
        --]
        --[$is_found
        AND CASE node_kind WHEN 'event' THEN node_id ELSE event_id END IN (SELECT CAST(id AS UUID) FROM found)
        --]
),
published AS (
    FROM published_where(
        stored_us <= $as_of AND node_id IN (SELECT event_id FROM candidates)
        AND stored_us BETWEEN $since_us AND $until_us
    )
),
received AS (
    SELECT
        event_id,
        any_value(channel) AS channel,
        min(start_ns) AS start_ns,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id
    FROM spans
    WHERE node_kind = 'delivery' AND stored_us <= $as_of AND event_id IN (SELECT event_id FROM candidates)
        AND stored_us BETWEEN $since_us AND $until_us
    GROUP BY event_id
),
told AS (
    SELECT * FROM published
    UNION ALL BY NAME
    SELECT * FROM received ANTI JOIN published USING (event_id)
)
--[$status
, standing AS (
    FROM standings_where(event_id IN (SELECT event_id FROM candidates))
)
--]
SELECT
    event_id, channel, start_ns, start_ns AS listed_ns, source, subject, correlation_id, causation_id,
    cut(payload, $payload_most::BIGINT) AS payload
FROM told
WHERE start_ns >= $first_ns AND start_ns < $end_ns
    AND (start_ns, event_id) < ($before_ns::BIGINT, $before_id::UUID)
    --[$channel
    AND coalesce(channel, '') = $channel
    --]
    --[$status
    AND CASE
        WHEN $status = 'unreceived' THEN event_id NOT IN (SELECT event_id FROM standing)
        ELSE event_id IN (SELECT event_id FROM standing WHERE status = $status)
    END
    --]
ORDER BY start_ns DESC, event_id DESC
LIMIT $most
