-- What is sent beside spans. `record_id` and `point_id` are hashes of all that was sent, by which a repetition is known.
CREATE TABLE logs (
    record_id UBIGINT NOT NULL,
    trace_id UUID,
    span_id UBIGINT,
    time_ns BIGINT NOT NULL,
    observed_ns BIGINT NOT NULL,
    severity_number INTEGER NOT NULL,
    severity_text VARCHAR NOT NULL,
    event_name VARCHAR NOT NULL,
    body STRUCT (
        string_value VARCHAR,
        bool_value BOOLEAN,
        int_value BIGINT,
        double_value DOUBLE,
        array_value STRUCT ("values" attribute_item[]),
        kvlist_value BLOB,
        bytes_value BLOB
    ),
    attributes attribute[] NOT NULL,
    dropped_attributes_count UINTEGER NOT NULL,
    flags UINTEGER NOT NULL,
    resource_id UBIGINT NOT NULL,
    scope_id UBIGINT NOT NULL,
    service VARCHAR NOT NULL
);

CREATE TABLE metric_points (
    point_id UBIGINT NOT NULL,
    name VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- gauge, sum or histogram
    temporality INTEGER,
    is_monotonic BOOLEAN,
    start_ns BIGINT NOT NULL,
    time_ns BIGINT NOT NULL,
    attributes attribute[] NOT NULL,
    flags UINTEGER NOT NULL,
    "value" DOUBLE,
    int_value BIGINT, -- where the value was sent as a whole number
    "count" UBIGINT,
    "sum" DOUBLE,
    "min" DOUBLE,
    "max" DOUBLE,
    bucket_counts UBIGINT[],
    bounds DOUBLE[],
    resource_id UBIGINT NOT NULL,
    scope_id UBIGINT NOT NULL,
    service VARCHAR NOT NULL
);

-- Whether what is counted was taken all the same, without the value that was wrong with it.
ALTER TABLE rejections ADD COLUMN kept BOOLEAN;
UPDATE rejections SET kept = false;
