-- The spans of some traces.
SELECT trace_id, span_id FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans)) AND stored_us BETWEEN $since_us AND $until_us
