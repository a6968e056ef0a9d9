-- What parts of some traces of others say of what they were given and returned: whether they say what they were given, and the
-- beginning of what they returned. An instrumentation of LangChain says of what returns nothing what it was given alone.
SELECT
    trace_id, span_id, service,
    list_has_any(keys_of(attributes), $inputs) AS says_given,
    list_has_any(keys_of(attributes), $results) AS says_returned,
    left(
        list_transform(list_filter(attributes, lambda a: list_contains($results, a."key")), lambda a: text_of(a))[1], 8
    ) AS returned
FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND is_container(role) AND stored_us BETWEEN $since_us AND $until_us
