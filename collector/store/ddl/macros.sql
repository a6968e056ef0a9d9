-- Typed look-ups in an attribute list. `keys` are the list's keys, taken once a row by keys_of.
CREATE OR REPLACE MACRO keys_of(attributes) AS list_transform(attributes, lambda a: a."key");
CREATE OR REPLACE MACRO text_at(attributes, keys, name) AS attributes[list_position(keys, name)]."value".string_value;
CREATE OR REPLACE MACRO flag_at(attributes, keys, name) AS attributes[list_position(keys, name)]."value".bool_value;
CREATE OR REPLACE MACRO double_at(attributes, keys, name) AS coalesce(
    attributes[list_position(keys, name)]."value".double_value,
    attributes[list_position(keys, name)]."value".int_value
);
-- The texts of a list; what else is in it is left out.
CREATE OR REPLACE MACRO texts_at(attributes, keys, name) AS list_filter(
    list_transform(attributes[list_position(keys, name)]."value".array_value."values", lambda v: v.string_value),
    lambda t: t IS NOT NULL
);
-- The node id of a span that carries none: the first 16 bytes of SHA-256 over its trace id and span id, as a UUIDv8.
CREATE OR REPLACE MACRO foreign_node(identity) AS CAST(
    substr(sha256(identity), 1, 12) || '8' || substr(sha256(identity), 14, 3)
    || substr('89ab', (strpos('0123456789abcdef', substr(sha256(identity), 17, 1)) - 1) % 4 + 1, 1)
    || substr(sha256(identity), 18, 15) AS UUID
);
-- The bytes that foreign_node hashes, from stored columns.
CREATE OR REPLACE MACRO span_identity(trace_id, span_id) AS unhex(
    replace(CAST(trace_id AS VARCHAR), '-', '') || printf('%016x', span_id)
);

-- A text of so many characters at most, with a mark that says how many there are.
CREATE OR REPLACE MACRO cut(text, most) AS CASE
    WHEN length(text) > most THEN left(text, most) || format('… [cut: {:,} of {:,} characters]', most, length(text))
    ELSE text
END;

-- An error by its type and message; a message that begins with its type, as ours do, says both.
CREATE OR REPLACE MACRO error_said(type, message) AS
    CASE WHEN starts_with(message, type || ':') THEN message
    ELSE nullif(concat_ws(': ', type, nullif(message, '')), '') END;
