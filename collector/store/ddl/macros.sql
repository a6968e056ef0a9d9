-- Typed look-ups in an attribute list; which kinds there are is told in `store/attribute_encoding.py`. `keys` are the list's keys, taken
-- once a row by keys_of.
CREATE OR REPLACE MACRO keys_of(attributes) AS list_transform(attributes, lambda a: a."key");
CREATE OR REPLACE MACRO text_of(v) AS CASE WHEN v.kind = 1 THEN v."text" END;
CREATE OR REPLACE MACRO integer_of(v) AS CASE WHEN v.kind = 3 THEN TRY_CAST(v."text" AS BIGINT) END;
CREATE OR REPLACE MACRO text_at(attributes, keys, name) AS text_of(attributes[list_position(keys, name)]);
CREATE OR REPLACE MACRO integer_at(attributes, keys, name) AS integer_of(attributes[list_position(keys, name)]);
CREATE OR REPLACE MACRO flag_at(attributes, keys, name) AS
    CASE WHEN attributes[list_position(keys, name)].kind = 2 THEN attributes[list_position(keys, name)]."text" = 'true' END;
CREATE OR REPLACE MACRO double_at(attributes, keys, name) AS CASE
    WHEN attributes[list_position(keys, name)].kind IN (3, 4)
        THEN TRY_CAST(attributes[list_position(keys, name)]."text" AS DOUBLE)
END;
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

-- Whether a time is before 2000: it was sent in another unit, or is none.
CREATE OR REPLACE MACRO is_early(time_ns) AS time_ns < 946684800000000000;

-- By which time a span is kept: where what it claims can't be, by when it was stored.
CREATE OR REPLACE MACRO dated(start_ns, stored_us) AS
    CASE WHEN is_early(start_ns) THEN coalesce(stored_us * 1000, start_ns) ELSE start_ns END;

-- When a log record was written; when it was seen, where its writer said no time that can be.
CREATE OR REPLACE MACRO log_time(time_ns, observed_ns) AS CASE WHEN is_early(time_ns) THEN observed_ns ELSE time_ns END;

-- Whether a span failed. Of foreign ones `outcome` says it better than the status, where it says anything: how the
-- status of ours came about, outcomes of attempts say. The same in Python: `collector/causality/status.py`.
CREATE OR REPLACE MACRO has_failed(node_kind, status_code, outcome) AS
    CASE WHEN node_kind = 'span' AND outcome IS NOT NULL THEN outcome = 'failed' ELSE status_code = 2 END;

-- How long something took, in nanoseconds: NULL where it has no end, began at no time, or its clock was set back meanwhile.
CREATE OR REPLACE MACRO lasted(start_ns, end_ns) AS
    CASE WHEN end_ns >= start_ns AND NOT is_early(start_ns) THEN end_ns - start_ns END;

-- A text of so many characters at most, with a mark that says how many there are.
CREATE OR REPLACE MACRO cut(text, most) AS CASE
    WHEN length(text) > most THEN left(text, most) || format('… [cut: {:,} of {:,} characters]', most, length(text))
    ELSE text
END;

-- An error by its type and message; a message that begins with its type, as ours do, says both.
CREATE OR REPLACE MACRO error_said(type, message) AS
    CASE WHEN starts_with(message, type || ':') THEN message
    ELSE nullif(concat_ws(': ', type, nullif(message, '')), '') END;

-- The id of an event of others from its message's id, which begins with the CloudEvents source where it has one. It is
-- known within its channel alone: the same message on another channel is another event. On channels of ours, and where
-- no channel is told, it is the id that the runtime gives: the message's own where that is a UUID.
CREATE OR REPLACE MACRO message_event(is_ours, channel, message_id) AS CASE
    WHEN message_id IS NULL THEN NULL
    WHEN is_ours OR channel IS NULL THEN coalesce(
        TRY_CAST(split_part(message_id, chr(31), -1) AS UUID),
        foreign_node(encode(
            CASE WHEN contains(message_id, chr(31)) THEN '' ELSE coalesce(channel, '') || chr(31) END || message_id
        ))
    )
    ELSE foreign_node(encode(channel || chr(31) || message_id))
END;

-- A value with its text cut, so that no more of it is read than an answer can hold. What is nested in a map can't be cut:
-- where it is many times too large its size is told. What takes no more room than a text may is left as it is.
CREATE OR REPLACE MACRO bounded_map(bytes, most) AS
    CASE WHEN octet_length(bytes) > most * 16 THEN format('… [cut: a map of {:,} bytes]', octet_length(bytes)) END;
CREATE OR REPLACE MACRO bounded_bytes(bytes, most) AS
    CASE WHEN octet_length(bytes) > most * 16 THEN format('… [cut: {:,} bytes]', octet_length(bytes)) END;
-- An item of a list, as JSON.
CREATE OR REPLACE MACRO bounded_item(item, most) AS CASE
    WHEN strlen(item) <= most THEN item
    WHEN json_type(item) = 'VARCHAR' THEN to_json(cut(json_extract_string(item, '$'), most))
    WHEN json_type(item, '$."6"') = 'VARCHAR'
        THEN coalesce(to_json(bounded_map(CAST(json_extract_string(item, '$."6"') AS BLOB), most)), item)
    WHEN json_type(item, '$."7"') = 'VARCHAR'
        THEN coalesce(to_json(bounded_bytes(from_base64(json_extract_string(item, '$."7"')), most)), item)
    ELSE item
END;
CREATE OR REPLACE MACRO bounded_said(v, most) AS CASE v.kind
    WHEN 6 THEN bounded_map(CAST(v."text" AS BLOB), most)
    WHEN 7 THEN bounded_bytes(from_base64(v."text"), most)
END;
CREATE OR REPLACE MACRO bounded_text(v, most) AS CASE
    WHEN v.kind = 1 THEN cut(v."text", most)
    WHEN v.kind = 5 THEN '['
        || array_to_string(list_transform(CAST(v."text" AS JSON[]), lambda i: CAST(bounded_item(i, most) AS VARCHAR)), ', ')
        || ']'
    ELSE coalesce(bounded_said(v, most), v."text")
END;
CREATE OR REPLACE MACRO bounded_attribute(a, most) AS CASE
    WHEN strlen(a."text") > most THEN {
        'key': a."key",
        'text': bounded_text(a, most),
        'kind': CASE WHEN bounded_said(a, most) IS NULL THEN a.kind ELSE 1::UTINYINT END
    }
    ELSE a
END;
CREATE OR REPLACE MACRO bounded_body(v, most) AS CASE
    WHEN strlen(v."text") > most THEN {
        'text': bounded_text(v, most), 'kind': CASE WHEN bounded_said(v, most) IS NULL THEN v.kind ELSE 1::UTINYINT END
    }
    ELSE v
END;
CREATE OR REPLACE MACRO bounded_attributes(attributes, most) AS
    list_transform(attributes, lambda a: bounded_attribute(a, most));

-- Which doubling of a size it is in: -1 for none at all, 0 for 1, 1 for 2 and 3, 2 for 4 to 7; NULL where it is unknown.
CREATE OR REPLACE MACRO octave(size) AS CASE
    WHEN size >= 1 THEN CAST(floor(log2(size)) AS INTEGER)
    WHEN size IS NOT NULL THEN -1
END;

-- Whether a part is one within a piece of work, and no run by itself, where that work is ours.
CREATE OR REPLACE MACRO is_detail(role) AS
    coalesce(role IN ('model', 'embedding', 'tool', 'retriever', 'guardrail', 'evaluator'), false);

-- The id whose 16 bytes these are.
CREATE OR REPLACE MACRO uuid_of(bytes) AS CAST(hex(bytes) AS UUID);
