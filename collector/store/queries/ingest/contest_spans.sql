-- All records of the spans that may have come before: of the batch, and those stored. One that came again as it was is
-- left out. The record that ended counts, of several the one that ended last; `place` 1 is the one to show, whatever
-- the order in which they came.
CREATE OR REPLACE TEMP TABLE contested AS
WITH suspects AS MATERIALIZED (
    SELECT DISTINCT trace_id, span_id FROM staged JOIN incoming_suspects USING (row) WHERE NOT is_pending
),
told AS (
    SELECT
        staged.* EXCLUDE (is_pending),
        2 AS origin,
        (
            SELECT list(
                struct_pack(
                    time_ns := e.time_ns, name := e.name, attributes := e.attributes,
                    dropped_attributes_count := e.dropped_attributes_count
                ) ORDER BY e.position
            )
            FROM incoming_events AS e WHERE e.row = staged.row
        ) AS events,
        (
            SELECT list(
                struct_pack(
                    linked_trace_id := nullif(l.linked_trace_id, '00000000-0000-0000-0000-000000000000'::UUID),
                    linked_span_id := l.linked_span_id, trace_state := l.trace_state, flags := l.flags,
                    attributes := l.attributes, dropped_attributes_count := l.dropped_attributes_count
                ) ORDER BY l.position
            )
            FROM incoming_links AS l WHERE l.row = staged.row
        ) AS links
    FROM staged SEMI JOIN suspects USING (trace_id, span_id)
    WHERE NOT is_pending
    UNION ALL BY NAME
    SELECT
        spans.*,
        0 AS origin,
        (
            SELECT list(
                struct_pack(
                    time_ns := e.time_ns, name := e.name, attributes := e.attributes,
                    dropped_attributes_count := e.dropped_attributes_count
                ) ORDER BY e.position
            )
            FROM span_events AS e WHERE e.trace_id = spans.trace_id AND e.span_id = spans.span_id
        ) AS events,
        (
            SELECT list(
                struct_pack(
                    linked_trace_id := l.linked_trace_id,
                    linked_span_id := l.linked_span_id, trace_state := l.trace_state, flags := l.flags,
                    attributes := l.attributes, dropped_attributes_count := l.dropped_attributes_count
                ) ORDER BY l.position
            )
            FROM span_links AS l WHERE l.trace_id = spans.trace_id AND l.span_id = spans.span_id
        ) AS links
    FROM spans SEMI JOIN suspects USING (trace_id, span_id)
    UNION ALL BY NAME
    SELECT superseded.* EXCLUDE (record_hash), 1 AS origin
    FROM superseded SEMI JOIN suspects USING (trace_id, span_id)
),
hashed AS (
    SELECT
        *,
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
            end_ns DESC NULLS LAST, status_code DESC, len(attributes) DESC, len(events) DESC NULLS LAST,
            len(links) DESC NULLS LAST, record_hash
    ) AS place,
    count(DISTINCT content_hash) OVER (PARTITION BY trace_id, span_id) > 1 AS differs,
    count(DISTINCT content_hash) FILTER (WHERE end_ns IS NOT NULL) OVER (PARTITION BY trace_id, span_id) > 1
        AS contradicts
FROM distinct_records
