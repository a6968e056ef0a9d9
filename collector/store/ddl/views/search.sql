-- Whether a text holds what a needle describes (questions/search_pattern.py). Text that is ASCII and has no escapes must hold the
-- literal, which is quick to find out. The list is there so that the text is worked out once, however often it is named.
CREATE OR REPLACE MACRO says(text, literal, pattern) AS regexp_matches(
    list_filter(
        [text], lambda t: contains(lower(t), literal) OR strlen(t) <> length(t) OR contains(t, '\u')
    )[1],
    pattern,
    'i'
);

-- A value as a reader sees it; what is nested deeper as the store writes out its bytes.
CREATE OR REPLACE MACRO shown_value(v) AS CASE v.kind
    WHEN 1 THEN '"' || v."text" || '"'
    WHEN 5 THEN replace(v."text", '\\x', '\x')
    ELSE v."text"
END;

-- Attributes as a reader sees them, a line each.
CREATE OR REPLACE MACRO shown_attributes(attributes) AS array_to_string(
    list_transform(attributes, lambda a: '"' || a."key" || '": ' || coalesce(shown_value(a), 'null')), chr(10)
);

-- Whether attributes say it. First each key and value is held against the literal, which is cheaper than to write all of
-- them out as one text.
CREATE OR REPLACE MACRO attributes_say(attributes, literal, pattern) AS
    list_contains(
        list_transform(attributes, lambda a:
            contains(lower(a."key"), literal) OR strlen(a."key") <> length(a."key") OR coalesce(
                contains(lower(a."text"), literal) OR strlen(a."text") <> length(a."text") OR contains(a."text", '\u')
                    OR (a.kind > 4 AND contains(a."text", '\x')),
                true
            )
        ),
        true
    )
    AND says(shown_attributes(attributes), literal, pattern);

-- What else is shown of a record: names and ids, for a part of one is looked for, too.
CREATE OR REPLACE MACRO shown_names(name, service, status_message, node_id, trace_id, span_id) AS concat_ws(
    chr(10), name, service, status_message, CAST(node_id AS VARCHAR), replace(CAST(trace_id AS VARCHAR), '-', ''),
    lpad(to_hex(span_id), 16, '0')
);

-- What a node of a step is called that is not its first in its run, as `collector/models/places.py` has it; NULL of others.
CREATE OR REPLACE MACRO node_called(step, step_place) AS
    CASE WHEN starts_with(step_place, '~') THEN 'undo of ' ELSE '' END || step
    || coalesce(', round ' || nullif(regexp_extract(step_place, '#(\d+)', 1), ''), '')
    || CASE WHEN step_place IS NOT NULL THEN ' ' || regexp_extract(step_place, '\[\d+\]') END;

-- Nodes of what began or happened in a time range and says something in whatever is shown of it. What happened counts by
-- its own time, so that each stretch of time reads its own share alone; the last stretch has no end.
CREATE OR REPLACE MACRO texts_saying(literal, pattern, from_ns, until_ns) AS TABLE
    SELECT node_id, start_ns AS at_ns
    FROM (FROM spans UNION ALL BY NAME FROM pending)
    WHERE start_ns >= from_ns AND start_ns < until_ns
        AND (
            says(payload, literal, pattern) OR says(input, literal, pattern) OR says(result, literal, pattern)
            OR says(shown_names(name, service, status_message, node_id, trace_id, span_id), literal, pattern)
            OR (step_place IS NOT NULL AND says(node_called(step, step_place), literal, pattern))
            OR attributes_say(attributes, literal, pattern)
        )
    UNION ALL
    SELECT s.node_id, CAST(least(e.time_ns, 9223372036854775806) AS BIGINT) AS at_ns
    FROM happenings AS e JOIN spans AS s USING (trace_id, span_id)
    WHERE e.time_ns >= from_ns AND (e.time_ns < until_ns OR until_ns = 9223372036854775807)
        AND (says(e.name, literal, pattern) OR attributes_say(e.attributes, literal, pattern))
    UNION ALL
    -- What log records say stands at their nodes.
    SELECT s.node_id, log_time(l.time_ns, l.observed_ns) AS at_ns
    FROM logs AS l JOIN spans AS s USING (trace_id, span_id)
    WHERE log_time(l.time_ns, l.observed_ns) >= from_ns AND log_time(l.time_ns, l.observed_ns) < until_ns
        AND says(shown_value(l.body), literal, pattern);

-- Whether a text that holds a column may say it: whether that holds the literal, or has letters of other forms.
CREATE OR REPLACE MACRO may_say(said, literal) AS
    contains(lower(said), literal) OR strlen(said) <> length(said) OR contains(said, '\u');

-- Whether a column says it, as `says`: named by itself, each of its different texts is looked at once.
CREATE OR REPLACE MACRO column_says(said, literal, pattern) AS
    may_say(said, literal) AND regexp_matches(said, pattern, 'i');

-- Whether a span was stored within one of some stretches of time, as many as `store/texts.py` names.
CREATE OR REPLACE MACRO was_stored_in(stored_us, since_us, until_us) AS
    stored_us BETWEEN since_us[1] AND until_us[1] OR stored_us BETWEEN since_us[2] AND until_us[2]
    OR stored_us BETWEEN since_us[3] AND until_us[3] OR stored_us BETWEEN since_us[4] AND until_us[4];

-- Records of some kinds that say something in one column, where another condition is met; some are there more than once. What
-- few spans say is asked for as what is not NULL: blocks in which none says it are left out. It opens no attributes: these lie
-- beside those of all other spans, and to read them took 1.3 us for each span that there is. A search for all that is shown
-- anywhere reads them, stretch by stretch.
CREATE OR REPLACE MACRO records_saying(said, literal, pattern, of_kinds, from_ns, condition) AS TABLE
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE start_ns >= from_ns AND list_contains(of_kinds, node_kind) AND said IS NOT NULL AND condition
        AND column_says(said, literal, pattern);

-- The traces of spans of others that may be topmost in a run, or play a part in one, and say something in one column.
CREATE OR REPLACE MACRO tops_saying(said, literal, pattern, condition) AS TABLE
    SELECT trace_id FROM spans
    WHERE node_kind = 'span' AND (role IS NOT NULL OR parent_span_id IS NULL) AND said IS NOT NULL AND condition
        AND column_says(said, literal, pattern);

-- Records of some kinds that say something in what else a list shows of them, of which nobody knows where it was said: what
-- their nodes are called, and markers.
CREATE OR REPLACE MACRO records_called(literal, pattern, of_kinds, from_ns) AS TABLE
    FROM records_saying(node_called(step, step_place), literal, pattern, of_kinds, from_ns, step_place IS NOT NULL)
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM pending
    WHERE start_ns >= from_ns AND list_contains(of_kinds, node_kind)
        AND says(
            concat_ws(
                chr(10), subject, workflow, channel, step, node_called(step, step_place), consumer_group, agent, error_type, reason, operator,
                event_source, message_id, run_version, shown_names(name, service, status_message, node_id, trace_id, span_id)
            ),
            literal,
            pattern
        );

-- Records of some kinds of which an id, as it is shown, holds a part of one; each kind of id by itself, and none that is too short
-- for the part. A search that put all that is shown into one text took eight times as long.
CREATE OR REPLACE MACRO records_with_ids_like(part, of_kinds, from_ns) AS TABLE
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE start_ns >= from_ns AND list_contains(of_kinds, node_kind)
        AND (strlen(part) <= 12 OR contains(part, '-')) AND contains(CAST(node_id AS VARCHAR), part)
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE start_ns >= from_ns AND list_contains(of_kinds, node_kind)
        AND NOT contains(part, '-') AND contains(replace(CAST(trace_id AS VARCHAR), '-', ''), part)
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE start_ns >= from_ns AND list_contains(of_kinds, node_kind)
        AND strlen(part) <= 16 AND NOT contains(part, '-')
        AND CASE
            WHEN span_id < 1152921504606846976 THEN contains(lpad(to_hex(span_id), 16, '0'), upper(part)) -- begins with a zero
            ELSE contains(to_hex(span_id), upper(part))
        END;

-- Events whose payload says something.
CREATE OR REPLACE MACRO payloads_saying(literal, pattern, from_ns) AS TABLE
    SELECT node_id, node_kind, event_id, run_id FROM spans
    WHERE start_ns >= from_ns AND node_kind = 'event' AND payload IS NOT NULL AND column_says(payload, literal, pattern);

-- Records of a kind whose values say something; each column by itself, as above.
CREATE OR REPLACE MACRO values_saying(literal, pattern, of_kind, from_ns) AS TABLE
    WITH among AS NOT MATERIALIZED (
        SELECT node_id, node_kind, event_id, run_id, input, result
        FROM (SELECT node_id, node_kind, event_id, run_id, start_ns, input, result FROM spans
            UNION ALL SELECT node_id, node_kind, event_id, run_id, start_ns, input, result FROM pending)
        WHERE start_ns >= from_ns AND node_kind = of_kind
    )
    SELECT node_id, node_kind, event_id, run_id FROM among WHERE input IS NOT NULL AND column_says(input, literal, pattern)
    UNION ALL
    SELECT node_id, node_kind, event_id, run_id FROM among WHERE result IS NOT NULL AND column_says(result, literal, pattern);

-- Whether a trace's id ends in one of some halves, as text; of the first few each is compared by itself, which takes a tenth.
CREATE OR REPLACE MACRO ends_in(trace_id, halves) AS coalesce(
    ends_with(CAST(trace_id AS VARCHAR), halves[1]) OR ends_with(CAST(trace_id AS VARCHAR), halves[2])
        OR ends_with(CAST(trace_id AS VARCHAR), halves[3]),
    false
) OR (len(halves) > 3 AND list_contains(halves, right(CAST(trace_id AS VARCHAR), 17)));

-- Records that an id leads to, whatever it is the id of, among those of a table `places`; all that is of their traces was
-- stored within a stretch of time. `halves` are the ends of trace ids, as text: 64 bits.
CREATE OR REPLACE MACRO records_named(places, ids, span_ids, halves, since_us, until_us) AS TABLE
    WITH there AS MATERIALIZED (
        SELECT
            node_id, node_kind, event_id, run_id, causation_id, correlation_id, dead_letter_id, causes, trace_id, span_id,
            start_ns, coalesce(flag_at(attributes, keys_of(attributes), 'causeline.sampled'), true) AS is_sampled
        FROM records_within(since_us, until_us) SEMI JOIN query_table(places) USING (trace_id, span_id)
        LIMIT 1000000000 -- a fence: without it the condition is held against all records before the join
    )
    FROM there
    WHERE list_contains(ids, node_id) OR list_contains(ids, event_id) OR list_contains(ids, run_id)
        OR list_contains(ids, correlation_id) OR list_contains(ids, causation_id) OR list_contains(ids, dead_letter_id)
        OR list_contains(ids, trace_id) OR list_has_any(causes, ids) OR list_contains(span_ids, span_id)
        OR (len(halves) > 0 AND list_contains(halves, right(CAST(trace_id AS VARCHAR), 17)));
