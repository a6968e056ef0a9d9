-- Chains of causes along which one channel comes again and again. Only correlations that use a channel often enough to
-- hold such a chain are walked, from their newest events back to what caused them, as far as the window reaches.
WITH RECURSIVE busy AS (
    SELECT correlation_id, channel, count(DISTINCT node_id) AS events
    FROM spans
    WHERE node_kind = 'event' AND correlation_id IS NOT NULL AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY ALL
    HAVING events > $threshold
    ORDER BY events DESC
    LIMIT $most
),
known AS MATERIALIZED (
    SELECT
        node_id, any_value(node_kind) AS kind, any_value(channel) AS channel, any_value(causation_id) AS cause,
        any_value(service) AS service, any_value(correlation_id) AS correlation_id, min(start_ns) AS start_ns
    FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND correlation_id IN (SELECT correlation_id FROM busy)
    GROUP BY node_id
),
newest AS (
    SELECT known.node_id, known.channel, known.service, known.cause
    FROM known JOIN busy ON busy.correlation_id = known.correlation_id AND busy.channel = known.channel
    WHERE known.kind = 'event'
    QUALIFY row_number() OVER (
        PARTITION BY known.correlation_id, known.channel ORDER BY known.start_ns DESC, known.node_id
    ) <= $starts
),
walk AS (
    SELECT node_id AS start_id, channel, service, cause, 1 AS times, 0 AS hops FROM newest
    UNION ALL
    SELECT
        start_id, walk.channel, walk.service, known.cause,
        times + CAST(known.kind = 'event' AND known.channel = walk.channel AS INTEGER),
        hops + 1
    FROM walk JOIN known ON known.node_id = walk.cause
    WHERE hops < $hops
)
SELECT channel, arg_max(service, times) AS service, max(times) AS "value", arg_max(start_id, times) AS event_id
FROM walk
GROUP BY channel
HAVING "value" > $threshold
ORDER BY "value" DESC
