-- Attributes as a key, a text and the kind of value that the text is of, as `store/attribute_encoding.py` describes and writes them.
-- Each table is written anew beside the old one. `ALTER ... USING` would be shorter, and break the store of a collector that is
-- killed before its log is folded into the file: DuckDB has no functions yet when it reads a log, and can't repeat it.
CREATE OR REPLACE TEMP MACRO narrowed_number(d) AS CASE
    WHEN isnan(d) THEN 'NaN' WHEN isinf(d) THEN CASE WHEN d > 0 THEN 'Infinity' ELSE '-Infinity' END
    ELSE CAST(d AS VARCHAR)
END;
CREATE OR REPLACE TEMP MACRO narrowed_item(i) AS coalesce(
    CAST(to_json(i.string_value) AS VARCHAR),
    CAST(i.bool_value AS VARCHAR),
    CAST(i.int_value AS VARCHAR),
    narrowed_number(i.double_value),
    '{"7": "' || base64(i.bytes_value) || '"}',
    '{"5": ' || CAST(to_json(CAST(i.array_value AS VARCHAR)) AS VARCHAR) || '}',
    '{"6": ' || CAST(to_json(CAST(i.kvlist_value AS VARCHAR)) AS VARCHAR) || '}',
    'null'
);
CREATE OR REPLACE TEMP MACRO narrowed_text(v) AS coalesce(
    v.string_value,
    CAST(v.bool_value AS VARCHAR),
    CAST(v.int_value AS VARCHAR),
    narrowed_number(v.double_value),
    base64(v.bytes_value),
    '[' || array_to_string(list_transform(
        CASE WHEN v.array_value IS NOT NULL THEN coalesce(v.array_value."values", []) END, lambda i: narrowed_item(i)
    ), ', ') || ']',
    CAST(v.kvlist_value AS VARCHAR)
);
CREATE OR REPLACE TEMP MACRO narrowed_kind(v) AS CAST(CASE
    WHEN v.string_value IS NOT NULL THEN 1
    WHEN v.bool_value IS NOT NULL THEN 2
    WHEN v.int_value IS NOT NULL THEN 3
    WHEN v.double_value IS NOT NULL THEN 4
    WHEN v.bytes_value IS NOT NULL THEN 7
    WHEN v.array_value IS NOT NULL THEN 5
    WHEN v.kvlist_value IS NOT NULL THEN 6
    ELSE 0
END AS UTINYINT);
CREATE OR REPLACE TEMP MACRO narrowed(attributes) AS list_transform(
    attributes, lambda a: {'key': a."key", 'text': narrowed_text(a."value"), 'kind': narrowed_kind(a."value")}
);

CREATE TYPE narrow_attribute AS STRUCT ("key" VARCHAR, "text" VARCHAR, kind UTINYINT);

CREATE TABLE narrow_resources (
    resource_id UBIGINT NOT NULL, attributes narrow_attribute[], dropped_attributes_count UINTEGER,
    entity_refs STRUCT (schema_url VARCHAR, "type" VARCHAR, id_keys VARCHAR[], description_keys VARCHAR[])[],
    schema_url VARCHAR NOT NULL
);
INSERT INTO narrow_resources BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM resources;
DROP TABLE resources;
ALTER TABLE narrow_resources RENAME TO resources;

CREATE TABLE narrow_scopes (
    scope_id UBIGINT NOT NULL, name VARCHAR, version VARCHAR, attributes narrow_attribute[],
    dropped_attributes_count UINTEGER, schema_url VARCHAR NOT NULL
);
INSERT INTO narrow_scopes BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM scopes;
DROP TABLE scopes;
ALTER TABLE narrow_scopes RENAME TO scopes;

-- Rows stay in the order in which they came: most questions ask for a stretch of time.
CREATE TABLE narrow_spans (
    trace_id UUID NOT NULL, span_id UBIGINT NOT NULL, parent_span_id UBIGINT, trace_state VARCHAR NOT NULL,
    flags UINTEGER NOT NULL, name VARCHAR NOT NULL, kind INTEGER NOT NULL, start_ns BIGINT NOT NULL, end_ns BIGINT,
    status_code INTEGER NOT NULL, status_message VARCHAR NOT NULL, attributes narrow_attribute[] NOT NULL,
    dropped_attributes_count UINTEGER NOT NULL, dropped_events_count UINTEGER NOT NULL,
    dropped_links_count UINTEGER NOT NULL, resource_id UBIGINT NOT NULL, scope_id UBIGINT NOT NULL,
    service VARCHAR NOT NULL, node_id UUID NOT NULL, node_kind VARCHAR NOT NULL, causation_id UUID,
    correlation_id UUID, causes UUID[], run_id UUID, workflow VARCHAR, operation VARCHAR, step VARCHAR,
    depth BIGINT, input_keys VARCHAR[], keys_read VARCHAR[], keys_written VARCHAR[], context_size BIGINT,
    breaker VARCHAR, channel VARCHAR, consumer_group VARCHAR, event_id UUID, event_source VARCHAR, subject VARCHAR,
    attempt BIGINT, round BIGINT, outcome VARCHAR, reason VARCHAR, attempts BIGINT, dead_letter_id UUID,
    operator VARCHAR, payload VARCHAR, agent VARCHAR, error_type VARCHAR, run_version VARCHAR, message_id VARCHAR,
    stored_us BIGINT DEFAULT epoch_us(now()), role VARCHAR, session_id VARCHAR, user_id VARCHAR,
    work STRUCT (
        tool VARCHAR, model VARCHAR, response_model VARCHAR, response_id VARCHAR, provider VARCHAR, service_tier VARCHAR,
        input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cache_read_tokens BIGINT,
        cache_write_tokens BIGINT, reasoning_tokens BIGINT, cost DOUBLE, first_chunk_seconds DOUBLE
    ),
    input VARCHAR, result VARCHAR, step_place VARCHAR
);
INSERT INTO narrow_spans BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM spans;
DROP TABLE spans;
ALTER TABLE narrow_spans RENAME TO spans;

CREATE TABLE narrow_span_events (
    trace_id UUID NOT NULL, span_id UBIGINT NOT NULL, position BIGINT NOT NULL, time_ns UBIGINT NOT NULL,
    name VARCHAR NOT NULL, attributes narrow_attribute[] NOT NULL, dropped_attributes_count UINTEGER NOT NULL
);
INSERT INTO narrow_span_events BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM span_events;
DROP TABLE span_events;
ALTER TABLE narrow_span_events RENAME TO span_events;

CREATE TABLE narrow_span_links (
    trace_id UUID NOT NULL, span_id UBIGINT NOT NULL, position BIGINT NOT NULL, linked_trace_id UUID,
    linked_span_id UBIGINT, trace_state VARCHAR NOT NULL, flags UINTEGER NOT NULL,
    attributes narrow_attribute[] NOT NULL, dropped_attributes_count UINTEGER NOT NULL
);
INSERT INTO narrow_span_links BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM span_links;
DROP TABLE span_links;
ALTER TABLE narrow_span_links RENAME TO span_links;

CREATE TABLE narrow_logs (
    record_id UBIGINT NOT NULL, trace_id UUID, span_id UBIGINT, time_ns BIGINT NOT NULL,
    observed_ns BIGINT NOT NULL, severity_number INTEGER NOT NULL, severity_text VARCHAR NOT NULL,
    event_name VARCHAR NOT NULL, body STRUCT ("text" VARCHAR, kind UTINYINT),
    attributes narrow_attribute[] NOT NULL, dropped_attributes_count UINTEGER NOT NULL, flags UINTEGER NOT NULL,
    resource_id UBIGINT NOT NULL, scope_id UBIGINT NOT NULL, service VARCHAR NOT NULL, is_exception BOOLEAN,
    is_evaluation BOOLEAN
);
INSERT INTO narrow_logs BY NAME
SELECT * REPLACE (
    narrowed(attributes) AS attributes, {'text': narrowed_text(body), 'kind': narrowed_kind(body)} AS body
) FROM logs;
DROP TABLE logs;
ALTER TABLE narrow_logs RENAME TO logs;

CREATE TABLE narrow_metric_points (
    point_id UBIGINT NOT NULL, name VARCHAR NOT NULL, unit VARCHAR NOT NULL, description VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, temporality INTEGER, is_monotonic BOOLEAN, start_ns BIGINT NOT NULL,
    time_ns BIGINT NOT NULL, attributes narrow_attribute[] NOT NULL, flags UINTEGER NOT NULL, "value" DOUBLE,
    int_value BIGINT, "count" UBIGINT, "sum" DOUBLE, "min" DOUBLE, "max" DOUBLE, bucket_counts UBIGINT[],
    bounds DOUBLE[], resource_id UBIGINT NOT NULL, scope_id UBIGINT NOT NULL, service VARCHAR NOT NULL
);
INSERT INTO narrow_metric_points BY NAME
SELECT * REPLACE (narrowed(attributes) AS attributes) FROM metric_points;
DROP TABLE metric_points;
ALTER TABLE narrow_metric_points RENAME TO metric_points;

CREATE TABLE narrow_pending AS
SELECT * REPLACE (CAST(narrowed(attributes) AS narrow_attribute[]) AS attributes) FROM pending;
DROP TABLE pending;
ALTER TABLE narrow_pending RENAME TO pending;
ALTER TABLE pending ALTER stored_us SET DEFAULT epoch_us(now());

CREATE TABLE narrow_superseded AS
SELECT * REPLACE (
    CAST(narrowed(attributes) AS narrow_attribute[]) AS attributes,
    CAST(list_transform(events, lambda e: {
        'time_ns': e.time_ns, 'name': e.name, 'attributes': narrowed(e.attributes),
        'dropped_attributes_count': e.dropped_attributes_count
    }) AS STRUCT (
        time_ns UBIGINT, name VARCHAR, attributes narrow_attribute[], dropped_attributes_count UINTEGER
    )[]) AS events,
    CAST(list_transform(links, lambda l: {
        'linked_trace_id': l.linked_trace_id, 'linked_span_id': l.linked_span_id, 'trace_state': l.trace_state,
        'flags': l.flags, 'attributes': narrowed(l.attributes), 'dropped_attributes_count': l.dropped_attributes_count
    }) AS STRUCT (
        linked_trace_id UUID, linked_span_id UBIGINT, trace_state VARCHAR, flags UINTEGER, attributes narrow_attribute[],
        dropped_attributes_count UINTEGER
    )[]) AS links
)
FROM superseded;
DROP TABLE superseded;
ALTER TABLE narrow_superseded RENAME TO superseded;

-- Records of a span are known by their content, in the form in which it is stored.
UPDATE superseded SET record_hash = hash(
    trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code, status_message,
    attributes, dropped_attributes_count, dropped_events_count, dropped_links_count, payload, input, result, events,
    links, resource_id, scope_id
);

DROP MACRO narrowed;
DROP MACRO narrowed_text;
DROP MACRO narrowed_kind;
DROP MACRO narrowed_item;
DROP MACRO narrowed_number;
DROP TYPE attribute;
DROP TYPE attribute_item;
