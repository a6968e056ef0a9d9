-- A span that was sent while it still went on has no end.
ALTER TABLE spans ALTER COLUMN end_ns DROP NOT NULL;
ALTER TABLE pending ALTER COLUMN end_ns DROP NOT NULL;
UPDATE spans SET end_ns = NULL WHERE end_ns = 0;

-- The id of a message of others as its sender wrote it, after its CloudEvents source where it has one. With the channel it
-- makes the id of the event.
ALTER TABLE spans ADD COLUMN message_id VARCHAR;
ALTER TABLE pending ADD COLUMN message_id VARCHAR;

-- Written out, as what macros say may change later on.
CREATE OR REPLACE TEMP MACRO sent_as(attributes, name) AS
    attributes[list_position(list_transform(attributes, lambda a: a."key"), name)]."value".string_value;
CREATE OR REPLACE TEMP MACRO hashed(content) AS CAST(
    substr(sha256(content), 1, 12) || '8' || substr(sha256(content), 14, 3)
    || substr('89ab', (strpos('0123456789abcdef', substr(sha256(content), 17, 1)) - 1) % 4 + 1, 1)
    || substr(sha256(content), 18, 15) AS UUID
);

UPDATE spans SET message_id = coalesce(event_source || chr(31), '') || nullif(
    coalesce(sent_as(attributes, 'cloudevents.event_id'), sent_as(attributes, 'messaging.message.id')), ''
)
WHERE sent_as(attributes, 'causeline.node.id') IS NULL AND (node_kind = 'event' OR event_id IS NOT NULL);

-- Channels of ours. On them a message of others has the id that the runtime gives to it.
CREATE TABLE own_channels (channel VARCHAR NOT NULL);
INSERT INTO own_channels
SELECT DISTINCT channel FROM spans WHERE node_kind <> 'span' AND message_id IS NULL AND channel IS NOT NULL;

UPDATE spans SET
    node_id = CASE WHEN node_kind = 'event' THEN hashed(encode(channel || chr(31) || message_id)) ELSE node_id END,
    event_id = CASE WHEN node_kind <> 'event' THEN hashed(encode(channel || chr(31) || message_id)) END
WHERE message_id IS NOT NULL AND channel IS NOT NULL AND channel NOT IN (FROM own_channels);

DROP MACRO sent_as;
DROP MACRO hashed;

-- Records that share the id of a span with one that was picked instead, each with its events and links. Its first
-- columns are those of `spans`.
CREATE TABLE superseded AS FROM spans LIMIT 0;
ALTER TABLE superseded ADD COLUMN record_hash UBIGINT;
ALTER TABLE superseded ADD COLUMN events STRUCT (
    time_ns UBIGINT, name VARCHAR, attributes attribute[], dropped_attributes_count UINTEGER
)[];
ALTER TABLE superseded ADD COLUMN links STRUCT (
    linked_trace_id UUID, linked_span_id UBIGINT, trace_state VARCHAR, flags UINTEGER, attributes attribute[],
    dropped_attributes_count UINTEGER
)[];

-- Spans that came more than once with different content; `ended` tells whether both records had ended, and contradict
-- each other.
CREATE TABLE replacements (
    at_ns BIGINT NOT NULL,
    ended BOOLEAN NOT NULL,
    spans BIGINT NOT NULL
);
