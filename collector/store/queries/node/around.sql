-- Which foreign spans of some traces lie in what.
SELECT trace_id, span_id, parent_span_id FROM spans
WHERE node_kind = 'span' AND trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
LIMIT $most
