-- Which of the nodes of one step in a run a record is of: `#2` for a loop's second round, `[3]` for an item of a fan-out, NULL
-- for its first place. On the end of a run that failed, that of the step that failed it. No record of before has one.
ALTER TABLE spans ADD COLUMN step_place VARCHAR;
ALTER TABLE pending ADD COLUMN step_place VARCHAR;
ALTER TABLE superseded ADD COLUMN step_place VARCHAR;

-- Whether work ran code of its step or group, beside what became of it: only that is in figures. All of it is worked out
-- anew.
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
    has_worked BOOLEAN NOT NULL,
    -- Of each attempt that has a span; in nanoseconds, NULL where it is not known how long it took.
    tries STRUCT (start_ns BIGINT, took_ns BIGINT, has_failed BOOLEAN)[] NOT NULL,
    scores STRUCT (name VARCHAR, score DOUBLE)[] NOT NULL
);
DELETE FROM materialized;
