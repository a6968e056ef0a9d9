-- The spans of some traces, as runs of agents are read from them; of attributes only those that a framework says its order
-- in. Which rows they are is found first, here or before: attributes of all others would be read with them.
SELECT
    s.trace_id, s.span_id, s.parent_span_id, s.node_id, s.name, s.start_ns, s.end_ns, s.status_code, s.status_message,
    s.outcome, s.operation IS NULL AS is_implied,
    s.role, s.agent, s.step, s.workflow, s.service, s.session_id, s.user_id, s.subject, s.error_type, s.work,
    coalesce(scopes.name, '') AS scope,
    list_filter(
        s.attributes,
        lambda a: list_contains($hints, a."key")
            OR (list_contains($short, a."key") AND a.kind = 1 AND length(a."text") <= $longest)
    ) AS hints
FROM spans AS s LEFT JOIN scopes USING (scope_id)
WHERE s.rowid IN (
    --[$traces
    SELECT rowid FROM spans WHERE trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
    --]
    --[$places
    SELECT unnest($places)
    --]
)
ORDER BY s.start_ns, s.span_id
LIMIT $most
