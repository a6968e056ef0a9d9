-- All records of the spans that may have come before: of the batch, and those stored. One that came again as it was is
-- left out. The record that ended counts, of several the one that ended last; `place` 1 is the one to show, whatever
-- the order in which they came. `row` says which it is: of the batch its number there, of a stored span where it lies.
-- Only what is compared is here: to plan all columns that a span has took 100 ms, in each transaction.
CREATE OR REPLACE TEMP TABLE contested AS
WITH suspects AS MATERIALIZED (
    SELECT DISTINCT trace_id, span_id FROM staged JOIN incoming_suspects USING (row) WHERE NOT is_pending
),
incoming AS MATERIALIZED (
    SELECT
        row, trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code,
        status_message, attributes, dropped_attributes_count, dropped_events_count, dropped_links_count, payload, input,
        result, resource_id, scope_id
    FROM staged SEMI JOIN suspects USING (trace_id, span_id)
    WHERE NOT is_pending
),
stored AS MATERIALIZED (
    SELECT
        spans.rowid AS row, trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns,
        status_code, status_message, attributes, dropped_attributes_count, dropped_events_count, dropped_links_count,
        payload, input, result, resource_id, scope_id
    FROM spans SEMI JOIN suspects USING (trace_id, span_id)
),
told AS (
    SELECT incoming.*, 2 AS origin, e.events, l.links
    FROM incoming
    LEFT JOIN (
        SELECT
            row,
            list(
                struct_pack(
                    time_ns := time_ns, name := name, attributes := attributes,
                    dropped_attributes_count := dropped_attributes_count
                ) ORDER BY position
            ) AS events
        FROM incoming_events WHERE row IN (SELECT row FROM incoming) GROUP BY row
    ) AS e USING (row)
    LEFT JOIN (
        SELECT
            row,
            list(
                struct_pack(
                    linked_trace_id := nullif(linked_trace_id, '00000000-0000-0000-0000-000000000000'::UUID),
                    linked_span_id := linked_span_id, trace_state := trace_state, flags := flags,
                    attributes := attributes, dropped_attributes_count := dropped_attributes_count
                ) ORDER BY position
            ) AS links
        FROM incoming_links WHERE row IN (SELECT row FROM incoming) GROUP BY row
    ) AS l USING (row)
    UNION ALL
    SELECT stored.*, 0, e.events, l.links
    FROM stored
    LEFT JOIN (
        SELECT
            trace_id, span_id,
            list(
                struct_pack(
                    time_ns := time_ns, name := name, attributes := attributes,
                    dropped_attributes_count := dropped_attributes_count
                ) ORDER BY position
            ) AS events
        FROM span_events SEMI JOIN stored USING (trace_id, span_id) GROUP BY trace_id, span_id
    ) AS e USING (trace_id, span_id)
    LEFT JOIN (
        SELECT
            trace_id, span_id,
            list(
                struct_pack(
                    linked_trace_id := linked_trace_id, linked_span_id := linked_span_id, trace_state := trace_state,
                    flags := flags, attributes := attributes, dropped_attributes_count := dropped_attributes_count
                ) ORDER BY position
            ) AS links
        FROM span_links SEMI JOIN stored USING (trace_id, span_id) GROUP BY trace_id, span_id
    ) AS l USING (trace_id, span_id)
    UNION ALL
    SELECT
        NULL, trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code,
        status_message, attributes, dropped_attributes_count, dropped_events_count, dropped_links_count, payload, input,
        result, resource_id, scope_id, 1, events, links
    FROM superseded SEMI JOIN suspects USING (trace_id, span_id)
),
hashed AS (
    SELECT
        row, trace_id, span_id, origin, end_ns, status_code, events, links, len(attributes) AS attributes,
        -- What was sent alone: what is read from it changes with the rules, and with what comes beside it.
        hash(
            trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code,
            status_message, attributes, dropped_attributes_count, dropped_events_count, dropped_links_count, payload,
            input, result, events, links, resource_id, scope_id
        ) AS record_hash,
        -- Whoever sent it, it says the same.
        hash(
            parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code, status_message, attributes,
            dropped_attributes_count, dropped_events_count, dropped_links_count, payload, input, result, events, links
        ) AS content_hash
    FROM told
),
distinct_records AS (
    SELECT * FROM hashed
    QUALIFY row_number() OVER (PARTITION BY trace_id, span_id, record_hash ORDER BY origin, row) = 1
)
SELECT
    *,
    row_number() OVER (
        PARTITION BY trace_id, span_id
        ORDER BY
            end_ns DESC NULLS LAST, status_code DESC, attributes DESC, len(events) DESC NULLS LAST,
            len(links) DESC NULLS LAST, record_hash
    ) AS place,
    count(DISTINCT content_hash) OVER (PARTITION BY trace_id, span_id) > 1 AS differs,
    count(DISTINCT content_hash) FILTER (WHERE end_ns IS NOT NULL) OVER (PARTITION BY trace_id, span_id) > 1
        AS contradicts
FROM distinct_records
