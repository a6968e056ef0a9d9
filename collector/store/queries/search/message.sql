-- Records of the foreign message that came with an id, whatever text that is.
SELECT
    'message' AS role, count(*) AS records, arg_min(node_id, (kind <> 4, start_ns, span_id, node_id)) AS node_id,
    arg_min(trace_id, (kind <> 4, start_ns, span_id, node_id)) AS trace_id, min(start_ns) AS first_ns, max(start_ns) AS last_ns,
    true AS is_sampled
FROM spans
WHERE message_id IN ($text, $written)
    OR ends_with(message_id, chr(31) || $text) OR ends_with(message_id, chr(31) || $written)
HAVING count(*) > 0
