-- What part a span of others plays in an agent's work, as conventions call it; NULL where none explains it.
-- In `work` is what a call of a model or a tool says of itself, NULL where it says nothing.
ALTER TABLE spans ADD COLUMN role VARCHAR;
ALTER TABLE spans ADD COLUMN session_id VARCHAR;
ALTER TABLE spans ADD COLUMN user_id VARCHAR;
ALTER TABLE spans ADD COLUMN work STRUCT (
    tool VARCHAR, model VARCHAR, response_model VARCHAR, response_id VARCHAR, provider VARCHAR, service_tier VARCHAR,
    input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cache_read_tokens BIGINT,
    cache_write_tokens BIGINT, reasoning_tokens BIGINT, cost DOUBLE, first_chunk_seconds DOUBLE
);
ALTER TABLE pending ADD COLUMN role VARCHAR;
ALTER TABLE pending ADD COLUMN session_id VARCHAR;
ALTER TABLE pending ADD COLUMN user_id VARCHAR;
ALTER TABLE pending ADD COLUMN work STRUCT (
    tool VARCHAR, model VARCHAR, response_model VARCHAR, response_id VARCHAR, provider VARCHAR, service_tier VARCHAR,
    input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cache_read_tokens BIGINT,
    cache_write_tokens BIGINT, reasoning_tokens BIGINT, cost DOUBLE, first_chunk_seconds DOUBLE
);
ALTER TABLE superseded ADD COLUMN role VARCHAR;
ALTER TABLE superseded ADD COLUMN session_id VARCHAR;
ALTER TABLE superseded ADD COLUMN user_id VARCHAR;
ALTER TABLE superseded ADD COLUMN work STRUCT (
    tool VARCHAR, model VARCHAR, response_model VARCHAR, response_id VARCHAR, provider VARCHAR, service_tier VARCHAR,
    input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cache_read_tokens BIGINT,
    cache_write_tokens BIGINT, reasoning_tokens BIGINT, cost DOUBLE, first_chunk_seconds DOUBLE
);
