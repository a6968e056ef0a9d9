-- Groups of the live bus of which letters died in a window and still wait: by the spans, which outlive a restart of the
-- collector, or by the bus's own count, which needs no spans.
WITH told AS (
    SELECT channel, consumer_group, count(DISTINCT node_id) AS died
    FROM spans
    WHERE node_kind = 'dead_letter' AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY ALL
)
SELECT channel, consumer_group, app, dead, greatest(least(coalesce(died, 0), dead), grown) AS "value"
FROM bus_groups LEFT JOIN told USING (channel, consumer_group)
WHERE dead > 0 AND "value" > $threshold
ORDER BY "value" DESC
