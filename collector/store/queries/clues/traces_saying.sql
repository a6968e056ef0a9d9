-- Traces that a search finds, as `traces/list.sql` does: by an id, or a part of one, or by what a span says in its name, its
-- service and its agent together. One of these holds the text's letters, or letters that have other forms; each is looked
-- through by itself, and only where it may say it, when that was stored.
SELECT CAST(trace_id AS BLOB) AS id
FROM (
    SELECT trace_id FROM spans WHERE false
    --[$in_name
    UNION ALL
    SELECT trace_id FROM spans
    WHERE was_stored_in(stored_us, $since_us, $until_us) AND may_say(name, $literal)
        AND says(concat_ws(chr(10), name, service, agent), $literal, $pattern)
    --]
    --[$in_service
    UNION ALL
    SELECT trace_id FROM spans
    WHERE was_stored_in(stored_us, $since_us, $until_us) AND may_say(service, $literal)
        AND says(concat_ws(chr(10), name, service, agent), $literal, $pattern)
    --]
    --[$in_agent
    UNION ALL
    SELECT trace_id FROM spans
    WHERE was_stored_in(stored_us, $since_us, $until_us) AND agent IS NOT NULL AND may_say(agent, $literal)
        AND says(concat_ws(chr(10), name, service, agent), $literal, $pattern)
    --]
    --[$is_id
    UNION ALL
    SELECT trace_id FROM spans
    WHERE trace_id IN (SELECT unnest($ids)) AND stored_us BETWEEN $named_since_us AND $named_until_us
    --]
    --[$has_spans
    UNION ALL
    SELECT trace_id FROM spans WHERE span_id IN (SELECT unnest($span_ids))
    --]
    --[$has_halves
    UNION ALL
    SELECT trace_id FROM spans WHERE ends_in(trace_id, $halves)
    --]
    --[$part
    UNION ALL
    SELECT trace_id FROM spans WHERE contains(replace(CAST(trace_id AS VARCHAR), '-', ''), $part)
    --]
)
LIMIT $most
