-- How the waits of a step ended, each once: every attempt tells of those that it went on with.
WITH told AS (
    SELECT e.time_ns, bounded_attributes(e.attributes, $room::BIGINT) AS attributes, keys_of(e.attributes) AS keys
    FROM span_events AS e
    WHERE e.name = 'causeline.wait'
        AND e.trace_id IN (SELECT trace_id FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
        AND (e.trace_id, e.span_id)
            IN (SELECT (trace_id, span_id) FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
)
SELECT DISTINCT
    coalesce(text_at(attributes, keys, 'causeline.wait.name'), '') AS name,
    coalesce(text_at(attributes, keys, 'causeline.wait.key'), '') AS key,
    text_at(attributes, keys, 'causeline.wait.answered_by') AS answered_by,
    text_at(attributes, keys, 'causeline.wait.answered_by_node') AS node_id,
    time_ns
FROM told
ORDER BY time_ns, name, key
LIMIT $most
