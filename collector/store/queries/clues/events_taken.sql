-- Events that consumers of others took who may stand so: each way in which `receipts_where` knows of what somebody took, from
-- the taker on.
WITH takers AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, event_id, channel
    FROM spans
    WHERE takes_messages(node_kind, kind, operation) AND causation_id IS NULL
        AND foreign_status(status_code, outcome) = $status
),
said AS (
    SELECT channel, attributes[list_position(keys_of(attributes), 'messaging.message.id')] AS val
    FROM span_links JOIN takers USING (trace_id, span_id)
    WHERE len(attributes) > 0
),
named AS (
    SELECT channel, CASE WHEN val.kind IN (1, 3) THEN val."text" END AS message FROM said
),
sources AS (
    SELECT trace_id, parent_span_id AS span_id FROM takers WHERE parent_span_id IS NOT NULL
    UNION ALL
    SELECT l.linked_trace_id, l.linked_span_id FROM span_links AS l JOIN takers USING (trace_id, span_id)
)
SELECT CAST(event_id AS BLOB) AS id
FROM (
    SELECT event_id FROM takers
    UNION ALL
    SELECT TRY_CAST(message AS UUID) FROM named
    UNION ALL
    SELECT foreign_node(encode(coalesce(channel, '') || chr(31) || message)) FROM named WHERE message <> ''
    UNION ALL
    SELECT node_id FROM spans WHERE node_kind = 'event' AND (trace_id, span_id) IN (SELECT (trace_id, span_id) FROM sources)
)
WHERE event_id IS NOT NULL
LIMIT $most
