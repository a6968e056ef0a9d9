-- The traces of which runs of others in a range of time may be others by what was stored since a time, of them. Known are the
-- traces `known_traces` that what is known depends on.
WITH stored AS MATERIALIZED (
    SELECT
        CAST(trace_id AS BLOB) AS id,
        bool_or(
            start_ns >= $first_ns AND start_ns < $end_ns AND may_be_top(role, node_kind, parent_span_id, operation)
        ) AS is_new
    FROM spans
    WHERE stored_us > $since_us
    GROUP BY trace_id
)
SELECT id FROM stored WHERE is_new OR id IN (SELECT id FROM known_traces)
LIMIT $most
