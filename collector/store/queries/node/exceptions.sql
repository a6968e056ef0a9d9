-- Exceptions of a node's spans, in the order of their times: positions of events count them, those of log records are
-- times.
SELECT e.trace_id, e.span_id, bounded_attributes(e.attributes, $room::BIGINT) AS attributes
FROM happenings AS e
WHERE e.name = 'exception'
    AND e.trace_id IN (SELECT trace_id FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
    AND (e.trace_id, e.span_id)
        IN (SELECT (trace_id, span_id) FROM spans WHERE node_id = $id AND stored_us BETWEEN $since_us AND $until_us)
ORDER BY e.time_ns, e.position
