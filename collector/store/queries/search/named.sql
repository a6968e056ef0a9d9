-- What an id is the id of, the first that has it in each role, and how many do.
WITH found AS MATERIALIZED (FROM records_named('found_places', $ids, $span_ids, $halves, $placed_since_us, $placed_until_us)),
roles AS (
    SELECT
        *,
        unnest(list_filter([
            CASE WHEN list_contains($ids, node_id) THEN 'node' END,
            CASE WHEN list_contains($span_ids, span_id) THEN 'span' END,
            CASE WHEN list_contains($ids, event_id) THEN 'event' END,
            CASE WHEN list_contains($ids, run_id) AND node_id <> run_id THEN 'run' END,
            CASE WHEN list_contains($ids, correlation_id) THEN 'correlation' END,
            CASE
                WHEN list_contains($ids, trace_id)
                    OR (len($halves) > 0 AND list_contains($halves, right(CAST(trace_id AS VARCHAR), 17))) THEN 'trace'
            END,
            CASE WHEN list_contains($ids, dead_letter_id) THEN 'dead letter' END,
            CASE WHEN list_contains($ids, causation_id) OR list_has_any(causes, $ids) THEN 'cause' END
        ], lambda role: role IS NOT NULL)) AS role
    FROM found
)
SELECT
    role, count(DISTINCT (trace_id, span_id)) AS records, arg_min(node_id, (start_ns, span_id, node_id)) AS node_id,
    arg_min(trace_id, (start_ns, span_id, node_id)) AS trace_id, min(start_ns) AS first_ns, max(start_ns) AS last_ns,
    bool_and(is_sampled) AS is_sampled
FROM roles
GROUP BY role
