SELECT
    s.* EXCLUDE (running), r.attributes AS resource, sc.name AS scope
FROM records AS s
LEFT JOIN resources AS r USING (resource_id)
LEFT JOIN scopes AS sc USING (scope_id)
WHERE s.trace_id = $id AND NOT s.running
ORDER BY s.start_ns, s.span_id
LIMIT $most
