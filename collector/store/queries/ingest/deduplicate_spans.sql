-- The batch with its causal columns, one row a span, without what is stored already. Column names are those of `spans`.
-- What does not parse is NULL: views reckon with these columns, and one absurd number must not spoil every answer.
CREATE OR REPLACE TEMP TABLE staged AS
WITH fresh AS (
    -- Narrow on purpose: sorting whole rows to find duplicates costs more than everything else together.
    SELECT min(row) AS row FROM incoming_spans
    ANTI JOIN (
        SELECT trace_id, span_id FROM spans WHERE start_ns BETWEEN $first_ns AND $last_ns
        UNION ALL
        SELECT trace_id, span_id FROM pending WHERE start_ns BETWEEN $first_ns AND $last_ns
    ) USING (trace_id, span_id)
    GROUP BY trace_id, span_id
),
opened AS (
    SELECT
        *,
        keys_of(attributes) AS keys,
        texts_of(attributes) AS texts,
        list_transform(attributes, lambda a: a."value".int_value) AS ints
    FROM incoming_spans SEMI JOIN fresh USING (row)
),
read AS (
    SELECT
        *,
        TRY_CAST(texts[list_position(keys, 'causeline.node.id')] AS UUID) AS declared_id,
        texts[list_position(keys, 'causeline.event.payload')] AS payload,
        said_channel(texts, keys) AS channel,
        said_message_id(texts, keys) AS message_id,
        coalesce(said_event_id(texts, keys), message_id) AS foreign_id,
        said_event_source(texts, keys) AS event_source
    FROM opened
),
named AS (
    -- A message of others has the id that it came with where that is a UUID; any other is unique only for its source.
    SELECT
        *,
        CASE
            WHEN declared_id IS NULL AND foreign_id <> '' THEN coalesce(
                TRY_CAST(foreign_id AS UUID),
                foreign_node(encode(coalesce(event_source, channel, '') || chr(31) || foreign_id))
            )
        END AS foreign_event,
        foreign_event IS NOT NULL AND kind = 4 AND status_code IS DISTINCT FROM 2 AS sent
    FROM read
)
SELECT
    row,
    coalesce(flag_at(attributes, keys, 'causeline.pending'), false) AS is_pending,
    trace_id,
    span_id,
    parent_span_id,
    trace_state,
    flags,
    name,
    kind,
    start_ns,
    end_ns,
    coalesce(status_code, 0) AS status_code,
    coalesce(status_message, '') AS status_message,
    CASE
        WHEN payload IS NULL THEN attributes
        ELSE list_filter(attributes, lambda a: a."key" <> 'causeline.event.payload')
    END AS attributes,
    dropped_attributes_count,
    dropped_events_count,
    dropped_links_count,
    resource_id,
    scope_id,
    service,
    CASE
        WHEN declared_id IS NOT NULL THEN declared_id
        WHEN sent THEN foreign_event
        ELSE foreign_node(identity)
    END AS node_id,
    CASE
        WHEN sent THEN 'event'
        WHEN declared_id IS NULL THEN 'span'
        ELSE coalesce(texts[list_position(keys, 'causeline.node.kind')], 'span')
    END AS node_kind,
    TRY_CAST(texts[list_position(keys, 'causeline.causation.id')] AS UUID) AS causation_id,
    TRY_CAST(texts[list_position(keys, 'causeline.correlation.id')] AS UUID) AS correlation_id,
    list_filter(
        list_transform(texts_at(attributes, keys, 'causeline.causes'), lambda c: TRY_CAST(c AS UUID)),
        lambda c: c IS NOT NULL
    ) AS causes,
    TRY_CAST(texts[list_position(keys, 'causeline.run.id')] AS UUID) AS run_id,
    said_workflow(texts, keys) AS workflow,
    said_operation(texts, keys) AS operation,
    texts[list_position(keys, 'causeline.run.version')] AS run_version,
    said_step(texts, keys) AS step,
    TRY_CAST(ints[list_position(keys, 'causeline.step.depth')] AS INTEGER) AS depth,
    texts_at(attributes, keys, 'causeline.run.input_keys') AS input_keys,
    texts_at(attributes, keys, 'causeline.keys.read') AS keys_read,
    texts_at(attributes, keys, 'causeline.keys.written') AS keys_written,
    ints[list_position(keys, 'causeline.context.size')] AS context_size,
    texts[list_position(keys, 'causeline.breaker.name')] AS breaker,
    channel,
    said_consumer_group(texts, keys) AS consumer_group,
    -- Which event a span is about; NULL where it is a foreign event itself, whose own id is in its attributes.
    CASE WHEN declared_id IS NOT NULL THEN TRY_CAST(message_id AS UUID) WHEN NOT sent THEN foreign_event END AS event_id,
    event_source,
    said_subject(texts, keys) AS subject,
    TRY_CAST(ints[list_position(keys, 'causeline.attempt')] AS INTEGER) AS attempt,
    TRY_CAST(ints[list_position(keys, 'causeline.round')] AS INTEGER) AS round,
    texts[list_position(keys, 'causeline.outcome')] AS outcome,
    texts[list_position(keys, 'causeline.dead_letter.reason')] AS reason,
    TRY_CAST(ints[list_position(keys, 'causeline.dead_letter.attempts')] AS INTEGER) AS attempts,
    TRY_CAST(texts[list_position(keys, 'causeline.dead_letter.id')] AS UUID) AS dead_letter_id,
    texts[list_position(keys, 'causeline.operator')] AS operator,
    payload,
    said_agent(texts, keys) AS agent,
    said_error_type(texts, keys) AS error_type
FROM named
