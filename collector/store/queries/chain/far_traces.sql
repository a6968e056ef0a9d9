-- The traces that some traces lead to by way of others, the nearest first: what a walk finds that goes on for long. Within
-- a trace everything is taken to be connected, so these may be more than causes and effects lead to.
WITH RECURSIVE crossings AS MATERIALIZED (
    SELECT linked_trace_id AS cause, trace_id AS effect
    FROM span_links
    WHERE linked_trace_id IS NOT NULL AND linked_trace_id <> trace_id
    UNION
    SELECT cause.trace_id, effect.trace_id
    FROM spans AS effect JOIN spans AS cause ON cause.node_id = effect.causation_id
    WHERE cause.trace_id <> effect.trace_id
    UNION
    SELECT cause.trace_id, effect.trace_id
    FROM (SELECT trace_id, unnest(causes) AS cause FROM spans WHERE len(causes) > 0) AS effect
    JOIN spans AS cause ON cause.node_id = effect.cause
    WHERE cause.trace_id <> effect.trace_id
    --[$messages
    UNION
    SELECT event.trace_id, receipt.trace_id
    FROM foreign_receipts AS receipt JOIN spans AS event ON event.node_id = receipt.event_id
    WHERE event.trace_id <> receipt.trace_id
    --]
    --[$apart
    UNION
    SELECT cause.trace_id, later.trace_id FROM continued AS later JOIN spans AS cause ON cause.node_id = later.cause
    --]
),
steps AS MATERIALIZED (
    SELECT effect AS from_trace, cause AS to_trace FROM crossings
    UNION
    SELECT cause, effect FROM crossings WHERE $ahead
),
walked (trace_id, hop) USING KEY (trace_id) AS (
    SELECT unnest($traces) AS trace_id, 0 AS hop
    UNION
    SELECT steps.to_trace, min(walked.hop) + 1
    FROM walked JOIN steps ON steps.from_trace = walked.trace_id
    WHERE walked.hop < $hops
        AND NOT EXISTS (SELECT 1 FROM recurring.walked AS known WHERE known.trace_id = steps.to_trace)
        AND (SELECT count(*) FROM recurring.walked) < $most
    GROUP BY steps.to_trace
)
SELECT trace_id FROM walked WHERE hop > 0 ORDER BY hop, trace_id LIMIT $most
