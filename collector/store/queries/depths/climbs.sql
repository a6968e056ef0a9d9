-- Keeps where the ways up from scored nodes begin: `node_id` is what they have come to.
CREATE OR REPLACE TEMP TABLE climbs AS
SELECT
    node_id AS scored_id, any_value(event_id) AS event_id, arg_max(context_size, place) AS context_size,
    any_value(above) AS node_id, any_value(gains) AS depth, any_value(workflow) AS workflow, any_value(channel) AS channel
FROM told
GROUP BY told.node_id
