-- Traces that hold a cause of ours, an effect of ours, or a link to us.
SELECT trace_id FROM records WHERE node_id IN (SELECT unnest($missing))
UNION
SELECT trace_id FROM records WHERE causation_id IN (SELECT unnest($nodes))
UNION
SELECT trace_id FROM span_links WHERE linked_trace_id IN (SELECT unnest($traces))
