-- What became of steps and deliveries, worked out once: `work_where` for nodes of the first round, a row each. It follows
-- from the other tables; who reads it leaves out what has changed since (views/materialized.sql).
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
    durations BIGINT[] NOT NULL -- of each attempt that has a span, in nanoseconds; NULL where that is not known
);

-- A row, or none: all that was stored before this time, in microseconds as in `spans.stored_us`, is in `materialized_work`.
CREATE TABLE materialized (until_us BIGINT NOT NULL);

-- Nodes, and all nodes of runs, whose records were changed or removed without being stored anew.
CREATE TABLE changed_work (change_id UUID DEFAULT uuid(), node_id UUID, run_id UUID);

-- Markers change what a node is, too.
ALTER TABLE pending ADD COLUMN stored_us BIGINT DEFAULT epoch_us(now());
