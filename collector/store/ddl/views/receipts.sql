-- Who takes messages, of what is foreign: OpenTelemetry's kind, or what the span calls its operation.
CREATE OR REPLACE MACRO takes_messages(node_kind, kind, operation) AS
    node_kind = 'span' AND (kind = 5 OR coalesce(operation IN ('receive', 'process', 'deliver', 'settle'), false));

-- Which foreign spans took which event, of the events that meet a condition; it names `event_id`. A message is told by its
-- id, on the span or, of a batch, on a link for each; without an id by a link to what sent it, or by that as the parent.
-- What is the parent of a message on another channel led to it, and was not taken.
CREATE OR REPLACE MACRO receipts_where(condition) AS TABLE
    WITH takers AS (
        SELECT
            trace_id, span_id, parent_span_id, node_id, event_id, channel, service, consumer_group, start_ns, status_code,
            outcome, operation
        FROM spans
        WHERE takes_messages(node_kind, kind, operation) AND causation_id IS NULL
    ),
    -- Step by step: each step says its columns once, where a macro within a macro would repeat them a hundred times.
    said AS (
        SELECT trace_id, span_id, attributes[list_position(keys_of(attributes), 'messaging.message.id')] AS val
        FROM span_links
        WHERE len(attributes) > 0
    ),
    named AS (
        SELECT taker.* REPLACE (
            coalesce(
                CASE WHEN taker.channel IS NULL OR taker.channel IN (FROM own_channels)
                    THEN TRY_CAST(told.message AS UUID) END,
                foreign_node(encode(coalesce(taker.channel, '') || chr(31) || told.message))
            ) AS event_id
        )
        FROM takers AS taker
        JOIN (
            SELECT trace_id, span_id, CASE WHEN val.kind IN (1, 3) THEN val."text" END AS message FROM said
        ) AS told USING (trace_id, span_id)
        WHERE told.message <> ''
    ),
    sent AS (
        SELECT * FROM (SELECT node_id AS event_id, trace_id, span_id, channel FROM spans WHERE node_kind = 'event')
        WHERE condition
    )
    SELECT *, 'message' AS told_by FROM takers WHERE event_id IS NOT NULL AND condition
    UNION ALL
    SELECT *, 'message' FROM named WHERE event_id IS NOT NULL AND condition
    UNION ALL
    SELECT taker.* REPLACE (sent.event_id AS event_id), 'link'
    FROM sent
    JOIN span_links AS l ON l.linked_trace_id = sent.trace_id AND l.linked_span_id = sent.span_id
    JOIN takers AS taker ON taker.trace_id = l.trace_id AND taker.span_id = l.span_id
    WHERE taker.event_id IS NULL OR taker.channel = sent.channel
    UNION ALL
    SELECT taker.* REPLACE (sent.event_id AS event_id), 'parent'
    FROM sent JOIN takers AS taker ON taker.trace_id = sent.trace_id AND taker.parent_span_id = sent.span_id
    WHERE coalesce(taker.channel, sent.channel, '') = coalesce(sent.channel, '');

-- All of them.
CREATE OR REPLACE VIEW foreign_receipts AS
FROM receipts_where(true);

-- The order of what a consumer did with an event. A settlement that says no more than that it is settled tells less than
-- the work before it.
CREATE OR REPLACE MACRO receipt_place(operation, outcome, start_ns, span_id) AS
    (NOT coalesce(operation = 'settle' AND outcome IS NULL, false), start_ns, span_id);
