-- Spans as they arrived, and what hangs on them. Nothing here is derived from more than one span: totals, statuses and
-- edges are views (views/), so that late, repeated and out-of-order spans never leave a stale number behind.

-- A value keeps the type it had on the wire. A list within a list, and a map, are kept as their protobuf bytes.
CREATE TYPE attribute_item AS STRUCT (
    string_value VARCHAR,
    bool_value BOOLEAN,
    int_value BIGINT,
    double_value DOUBLE,
    array_value BLOB,
    kvlist_value BLOB,
    bytes_value BLOB
);

CREATE TYPE attribute AS STRUCT (
    "key" VARCHAR,
    "value" STRUCT (
        string_value VARCHAR,
        bool_value BOOLEAN,
        int_value BIGINT,
        double_value DOUBLE,
        array_value STRUCT ("values" attribute_item[]),
        kvlist_value BLOB,
        bytes_value BLOB
    )
);

-- One row a distinct resource; `resource_id` is a hash of its content.
CREATE TABLE resources (
    resource_id UBIGINT NOT NULL,
    attributes attribute[],
    dropped_attributes_count UINTEGER,
    entity_refs STRUCT (schema_url VARCHAR, "type" VARCHAR, id_keys VARCHAR[], description_keys VARCHAR[])[],
    schema_url VARCHAR NOT NULL
);

CREATE TABLE scopes (
    scope_id UBIGINT NOT NULL,
    name VARCHAR,
    version VARCHAR,
    attributes attribute[],
    dropped_attributes_count UINTEGER,
    schema_url VARCHAR NOT NULL
);

-- No primary key on (trace_id, span_id): its index costs 40 % of the insert rate and doubles the file. The writer keeps
-- duplicates out with an anti-join; look-ups by id ride on zone maps, because ids begin with their time.
CREATE TABLE spans (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    parent_span_id UBIGINT,
    trace_state VARCHAR NOT NULL,
    flags UINTEGER NOT NULL,
    name VARCHAR NOT NULL,
    kind INTEGER NOT NULL,
    start_ns BIGINT NOT NULL,
    end_ns BIGINT NOT NULL,
    status_code INTEGER NOT NULL,
    status_message VARCHAR NOT NULL,
    attributes attribute[] NOT NULL, -- without the payload, which has a column
    dropped_attributes_count UINTEGER NOT NULL,
    dropped_events_count UINTEGER NOT NULL,
    dropped_links_count UINTEGER NOT NULL,
    resource_id UBIGINT NOT NULL,
    scope_id UBIGINT NOT NULL,
    service VARCHAR NOT NULL,
    -- What the causal attributes say, so that questions about causes don't open the attributes.
    node_id UUID NOT NULL, -- declared; for foreign spans a hash of (trace_id, span_id)
    node_kind VARCHAR NOT NULL,
    causation_id UUID,
    correlation_id UUID,
    causes UUID[],
    run_id UUID,
    workflow VARCHAR,
    operation VARCHAR,
    step VARCHAR,
    step_index BIGINT,
    depth BIGINT,
    input_keys VARCHAR[],
    keys_read VARCHAR[],
    keys_written VARCHAR[],
    context_size BIGINT,
    breaker VARCHAR,
    channel VARCHAR,
    consumer_group VARCHAR,
    event_id UUID,
    event_source VARCHAR,
    subject VARCHAR,
    attempt BIGINT,
    round BIGINT,
    outcome VARCHAR,
    reason VARCHAR,
    attempts BIGINT,
    dead_letter_id UUID,
    operator VARCHAR,
    payload VARCHAR,
    agent VARCHAR,
    error_type VARCHAR
);

-- Markers of work that is still going on; the parent is the work. Hidden once that has arrived.
CREATE TABLE pending AS FROM spans LIMIT 0;

CREATE TABLE span_events (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    position BIGINT NOT NULL,
    time_ns UBIGINT NOT NULL,
    name VARCHAR NOT NULL,
    attributes attribute[] NOT NULL,
    dropped_attributes_count UINTEGER NOT NULL
);

-- An id that is none (wrong length, all zero) is NULL; the link's attributes are kept all the same.
CREATE TABLE span_links (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    position BIGINT NOT NULL,
    linked_trace_id UUID,
    linked_span_id UBIGINT,
    trace_state VARCHAR NOT NULL,
    flags UINTEGER NOT NULL,
    attributes attribute[] NOT NULL,
    dropped_attributes_count UINTEGER NOT NULL
);

-- Spans that were refused: senders don't read partial_success, so the store has to remember.
CREATE TABLE rejections (
    at_ns BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    spans BIGINT NOT NULL
);
