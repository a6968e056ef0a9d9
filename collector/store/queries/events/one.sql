-- One event, as the view `events` has it, which would group all events there are before it left this one.
WITH told AS (
    SELECT *, true AS published FROM spans WHERE node_kind = 'event' AND node_id = $id AND stored_us BETWEEN $since_us AND $until_us
    UNION ALL
    SELECT *, false AS published FROM spans WHERE node_kind = 'delivery' AND event_id = $id AND stored_us BETWEEN $since_us AND $until_us
)
SELECT
    $id::UUID AS event_id,
    any_value(channel) AS channel,
    min(start_ns) AS start_ns,
    any_value(event_source) FILTER (WHERE published) AS source,
    any_value(subject) AS subject,
    any_value(correlation_id) AS correlation_id,
    any_value(causation_id) FILTER (WHERE published) AS causation_id,
    any_value(payload) FILTER (WHERE published) AS payload
FROM told
WHERE published OR NOT EXISTS (SELECT 1 FROM told WHERE published)
HAVING count(*) > 0
