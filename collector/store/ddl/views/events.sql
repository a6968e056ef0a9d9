-- Events: published, or known only because a group received them.
CREATE OR REPLACE VIEW events AS
WITH published AS (
    SELECT
        node_id AS event_id,
        any_value(channel) AS channel,
        min(start_ns) AS start_ns,
        any_value(event_source) AS source,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id,
        any_value(causation_id) AS causation_id,
        any_value(payload) AS payload
    FROM spans
    WHERE node_kind = 'event'
    GROUP BY node_id
),
received AS (
    SELECT
        event_id,
        any_value(channel) AS channel,
        min(start_ns) AS start_ns,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id
    FROM spans
    WHERE node_kind = 'delivery' AND event_id IS NOT NULL
    GROUP BY event_id
)
SELECT * FROM published
UNION ALL BY NAME
SELECT * FROM received ANTI JOIN published USING (event_id);
