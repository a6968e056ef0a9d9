-- Takes the ways that are not at their end yet to it, among all that belongs to what scored nodes belong to.
CREATE OR REPLACE TEMP TABLE climbs AS
WITH RECURSIVE ties AS MATERIALIZED (
    SELECT
        node_id, any_value(above_of(node_kind, run_id, event_id, causation_id)) AS above,
        any_value(gains_of(node_kind, depth)) AS gains, any_value(run_name_of(node_kind, workflow)) AS workflow,
        any_value(channel_of(node_kind, channel)) AS channel
    FROM records
    WHERE node_kind IN ('run', 'step', 'event', 'delivery')
        AND (node_id IN (SELECT node_id FROM told) OR correlation_id IN (SELECT correlation_id FROM told))
    GROUP BY node_id
),
climbing AS (
    SELECT scored_id, node_id, depth, workflow, channel, 0 AS climbed FROM climbs WHERE node_id IS NOT NULL
    UNION ALL
    SELECT
        c.scored_id, t.above, c.depth + t.gains, coalesce(t.workflow, c.workflow), coalesce(t.channel, c.channel),
        c.climbed + 1
    FROM climbing AS c JOIN ties AS t USING (node_id)
    WHERE c.climbed < $farthest
),
ends AS (
    SELECT
        scored_id, arg_max(depth, climbed) AS depth, arg_max(workflow, climbed) AS workflow, arg_max(channel, climbed) AS channel
    FROM climbing
    GROUP BY scored_id
)
SELECT
    c.scored_id, c.event_id, c.context_size, NULL AS node_id, coalesce(e.depth, c.depth) AS depth,
    coalesce(e.workflow, c.workflow) AS workflow, coalesce(e.channel, c.channel) AS channel
FROM climbs AS c LEFT JOIN ends AS e USING (scored_id)
