-- The batch with its causal columns, one row a record. Column names are those of `spans`.
-- What does not parse is NULL: views reckon with these columns, and one absurd number must not spoil every answer.
CREATE OR REPLACE TEMP TABLE staged AS
WITH read AS (
    SELECT
        *,
        TRY_CAST("causeline.node.id" AS UUID) AS declared_id,
        "causeline.event.payload" AS payload,
        "causeline.input" AS input,
        "causeline.result" AS result,
        said_channel AS channel,
        said_message_id AS message_id,
        said_event_source AS event_source,
        nullif(coalesce(said_event_id, message_id), '') AS foreign_id,
        lower(said_message_operation) AS messaging_operation
    FROM incoming_spans
),
named AS (
    SELECT
        *,
        CASE WHEN declared_id IS NULL THEN coalesce(event_source || chr(31) || foreign_id, foreign_id) END AS message,
        message_event(channel IN (FROM own_channels), channel, message) AS foreign_event,
        -- A client that sends is no other than a producer, where something else made the message before.
        message IS NOT NULL AND status_code IS DISTINCT FROM 2
            AND (kind = 4 OR kind = 3 AND messaging_operation IN ('send', 'publish', 'create')) AS sent
    FROM read
)
SELECT
    row,
    coalesce("causeline.pending", false) AS is_pending,
    trace_id,
    span_id,
    parent_span_id,
    trace_state,
    flags,
    name,
    kind,
    start_ns,
    nullif(end_ns, 0) AS end_ns,
    coalesce(status_code, 0) AS status_code,
    coalesce(status_message, '') AS status_message,
    CASE
        WHEN coalesce(payload, input, result) IS NULL THEN attributes
        ELSE list_filter(
            attributes,
            lambda a: a."key" NOT IN ('causeline.event.payload', 'causeline.input', 'causeline.result')
        )
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
        ELSE coalesce("causeline.node.kind", 'span')
    END AS node_kind,
    TRY_CAST("causeline.causation.id" AS UUID) AS causation_id,
    TRY_CAST("causeline.correlation.id" AS UUID) AS correlation_id,
    list_filter(
        list_transform("causeline.causes", lambda c: TRY_CAST(c AS UUID)),
        lambda c: c IS NOT NULL
    ) AS causes,
    TRY_CAST("causeline.run.id" AS UUID) AS run_id,
    said_workflow AS workflow,
    coalesce(
        said_operation, CASE WHEN declared_id IS NULL THEN messaging_operation END
    ) AS operation,
    "causeline.run.version" AS run_version,
    said_step AS step,
    TRY_CAST("causeline.step.depth" AS INTEGER) AS depth,
    "causeline.run.input_keys" AS input_keys,
    "causeline.keys.read" AS keys_read,
    "causeline.keys.written" AS keys_written,
    "causeline.context.size" AS context_size,
    "causeline.breaker.name" AS breaker,
    channel,
    said_consumer_group AS consumer_group,
    -- Which event a span is about; NULL where it is a foreign event itself, whose own id is in its attributes.
    CASE WHEN declared_id IS NOT NULL THEN TRY_CAST(message_id AS UUID) WHEN NOT sent THEN foreign_event END AS event_id,
    message AS message_id,
    event_source,
    coalesce(said_subject, said_session) AS subject,
    TRY_CAST("causeline.attempt" AS INTEGER) AS attempt,
    TRY_CAST("causeline.round" AS INTEGER) AS round,
    CASE WHEN declared_id IS NULL AND NOT sent THEN ended ELSE "causeline.outcome" END AS outcome,
    "causeline.dead_letter.reason" AS reason,
    TRY_CAST("causeline.dead_letter.attempts" AS INTEGER) AS attempts,
    TRY_CAST("causeline.dead_letter.id" AS UUID) AS dead_letter_id,
    "causeline.operator" AS operator,
    payload,
    input,
    result,
    said_agent AS agent,
    said_error_type AS error_type,
    CASE WHEN declared_id IS NULL THEN role END AS role,
    said_session AS session_id,
    said_user AS user_id,
    CASE WHEN role IS NOT NULL THEN struct_pack(
        tool := said_tool,
        model := said_model,
        response_model := said_response_model,
        response_id := said_response_id,
        provider := said_provider,
        service_tier := said_service_tier,
        input_tokens := TRY_CAST(said_input_tokens AS BIGINT),
        output_tokens := TRY_CAST(said_output_tokens AS BIGINT),
        total_tokens := TRY_CAST(said_total_tokens AS BIGINT),
        cache_read_tokens := TRY_CAST(said_cache_read_tokens AS BIGINT),
        cache_write_tokens := TRY_CAST(said_cache_write_tokens AS BIGINT),
        reasoning_tokens := TRY_CAST(said_reasoning_tokens AS BIGINT),
        cost := TRY_CAST(said_cost AS DOUBLE),
        first_chunk_seconds := TRY_CAST(said_first_chunk_seconds AS DOUBLE)
    ) END AS work
FROM named
