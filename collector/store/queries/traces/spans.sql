SELECT
    s.* REPLACE (
        bounded_attributes(s.attributes, $room::BIGINT) AS attributes,
        cut(s.payload, $room::BIGINT) AS payload,
        cut(s.input, $room::BIGINT) AS input,
        cut(s.result, $room::BIGINT) AS result,
        cut(s.status_message, $room::BIGINT) AS status_message
    ),
    bounded_attributes(r.attributes, $room::BIGINT) AS resource,
    sc.name AS scope
FROM spans AS s
LEFT JOIN resources AS r USING (resource_id)
LEFT JOIN scopes AS sc USING (scope_id)
WHERE s.trace_id = $id AND s.stored_us BETWEEN $since_us AND $until_us
ORDER BY s.start_ns, s.span_id
LIMIT $most
