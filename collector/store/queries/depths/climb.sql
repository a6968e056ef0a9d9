-- Takes the ways up from scored nodes one tie further, as long as that belongs to what one of these belongs to. The last run
-- met gives the chain its name, or where there is none, the last channel.
CREATE OR REPLACE TEMP TABLE climbs AS
WITH ties AS (
    SELECT
        node_id, any_value(above) AS above, any_value(gains) AS gains, any_value(workflow) AS workflow,
        any_value(channel) AS channel
    FROM ties_of('climbs', -9223372036854775808, $since_us, $until_us)
    WHERE node_id IN (SELECT node_id FROM told) OR correlation_id IN (SELECT correlation_id FROM told)
    GROUP BY node_id
)
SELECT
    c.scored_id, c.event_id, c.context_size, t.above AS node_id, c.depth + coalesce(t.gains, 0) AS depth,
    coalesce(t.workflow, c.workflow) AS workflow, coalesce(t.channel, c.channel) AS channel
FROM climbs AS c LEFT JOIN ties AS t USING (node_id)
