-- The batch with its causal columns, one row a span, without what is stored already. Column names are those of `spans`.
CREATE OR REPLACE TEMP TABLE staged AS
WITH keyed AS (
    SELECT *, keys_of(attributes) AS keys
    FROM incoming_spans
    QUALIFY row_number() OVER (PARTITION BY trace_id, span_id ORDER BY row) = 1
),
fresh AS (
    SELECT * FROM keyed
    ANTI JOIN (
        SELECT trace_id, span_id FROM spans WHERE start_ns BETWEEN $first_ns AND $last_ns
        UNION ALL
        SELECT trace_id, span_id FROM pending WHERE start_ns BETWEEN $first_ns AND $last_ns
    ) USING (trace_id, span_id)
),
read AS (
    SELECT
        *,
        TRY_CAST(text_at(attributes, keys, 'causeline.node.id') AS UUID) AS declared_id,
        text_at(attributes, keys, 'causeline.event.payload') AS payload
    FROM fresh
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
    CASE WHEN declared_id IS NULL THEN foreign_node(identity) ELSE declared_id END AS node_id,
    CASE
        WHEN declared_id IS NULL THEN 'span'
        ELSE coalesce(text_at(attributes, keys, 'causeline.node.kind'), 'span')
    END AS node_kind,
    TRY_CAST(text_at(attributes, keys, 'causeline.causation.id') AS UUID) AS causation_id,
    TRY_CAST(text_at(attributes, keys, 'causeline.correlation.id') AS UUID) AS correlation_id,
    list_filter(
        list_transform(texts_at(attributes, keys, 'causeline.causes'), lambda c: TRY_CAST(c AS UUID)),
        lambda c: c IS NOT NULL
    ) AS causes,
    TRY_CAST(text_at(attributes, keys, 'causeline.run.id') AS UUID) AS run_id,
    text_at(attributes, keys, 'gen_ai.workflow.name') AS workflow,
    text_at(attributes, keys, 'gen_ai.operation.name') AS operation,
    text_at(attributes, keys, 'causeline.step.name') AS step,
    int_at(attributes, keys, 'causeline.step.index') AS step_index,
    int_at(attributes, keys, 'causeline.step.depth') AS depth,
    texts_at(attributes, keys, 'causeline.run.input_keys') AS input_keys,
    texts_at(attributes, keys, 'causeline.keys.read') AS keys_read,
    texts_at(attributes, keys, 'causeline.keys.written') AS keys_written,
    int_at(attributes, keys, 'causeline.context.size') AS context_size,
    text_at(attributes, keys, 'causeline.breaker.name') AS breaker,
    text_at(attributes, keys, 'messaging.destination.name') AS channel,
    text_at(attributes, keys, 'messaging.consumer.group.name') AS consumer_group,
    TRY_CAST(text_at(attributes, keys, 'messaging.message.id') AS UUID) AS event_id,
    text_at(attributes, keys, 'cloudevents.event_source') AS event_source,
    text_at(attributes, keys, 'cloudevents.event_subject') AS subject,
    int_at(attributes, keys, 'causeline.attempt') AS attempt,
    int_at(attributes, keys, 'causeline.round') AS round,
    text_at(attributes, keys, 'causeline.outcome') AS outcome,
    text_at(attributes, keys, 'causeline.dead_letter.reason') AS reason,
    int_at(attributes, keys, 'causeline.dead_letter.attempts') AS attempts,
    TRY_CAST(text_at(attributes, keys, 'causeline.dead_letter.id') AS UUID) AS dead_letter_id,
    text_at(attributes, keys, 'causeline.operator') AS operator,
    payload,
    text_at(attributes, keys, 'gen_ai.agent.name') AS agent,
    text_at(attributes, keys, 'error.type') AS error_type
FROM read
