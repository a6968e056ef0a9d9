-- The published events whose spans meet a condition, one row an event. The condition is an argument because it filters
-- before rows are grouped: on a view, all events there are would be grouped first. It names columns of `spans`.
CREATE OR REPLACE MACRO published_where(condition) AS TABLE
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
    WHERE node_kind = 'event' AND condition
    GROUP BY node_id;
