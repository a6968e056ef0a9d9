-- What spans say of each group: deliveries that were done, deliveries that gave up and still wait for somebody. A delivery
-- ends well once and has one dead letter at most, so that neither its attempts nor its fate have to be put together.
WITH done AS (
    SELECT coalesce(channel, '') AS channel, coalesce(consumer_group, '') AS consumer_group, count(*) AS done
    FROM spans
    WHERE node_kind = 'delivery' AND outcome = 'ok'
    GROUP BY ALL
),
waiting AS (
    SELECT coalesce(channel, '') AS channel, coalesce(consumer_group, '') AS consumer_group, count(DISTINCT node_id) AS dead
    FROM spans
    WHERE node_kind = 'dead_letter' AND node_id NOT IN (
        SELECT dead_letter_id FROM spans WHERE node_kind IN ('replay', 'discard') AND dead_letter_id IS NOT NULL
    )
    GROUP BY ALL
)
SELECT channel, consumer_group, coalesce(done, 0) AS done, coalesce(dead, 0) AS dead
FROM done FULL JOIN waiting USING (channel, consumer_group)
ORDER BY ALL
