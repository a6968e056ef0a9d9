-- Each attempt, and the scores that count, beside what became of work: figures, and a step's page, read nothing else. All of
-- it is worked out anew.
DROP TABLE materialized_work;
CREATE TABLE materialized_work (
    node_id UUID NOT NULL,
    run_id UUID,
    kind VARCHAR NOT NULL,
    workflow VARCHAR NOT NULL,
    step VARCHAR NOT NULL,
    agent VARCHAR NOT NULL,
    service VARCHAR NOT NULL,
    start_ns BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    outcome VARCHAR,
    running BOOLEAN NOT NULL,
    -- Of each attempt that has a span; in nanoseconds, NULL where it is not known how long it took.
    tries STRUCT (start_ns BIGINT, took_ns BIGINT, has_failed BOOLEAN)[] NOT NULL,
    scores STRUCT (name VARCHAR, score DOUBLE)[] NOT NULL
);
DELETE FROM materialized;

-- Whether a record is an evaluation: attributes of all others need not be read to find those.
ALTER TABLE logs ADD COLUMN is_evaluation BOOLEAN;
UPDATE logs SET is_evaluation = coalesce(
    nullif(event_name, ''),
    attributes[list_position(list_transform(attributes, lambda a: a."key"), 'event.name')]."value".string_value,
    ''
) = 'gen_ai.evaluation.result';
