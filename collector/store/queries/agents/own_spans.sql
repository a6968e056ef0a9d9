-- What our own runtime tells of in some traces, with the run that each says: what lies below one is its work.
SELECT trace_id, span_id, node_id, run_id FROM spans
WHERE node_kind <> 'span' AND trace_id IN (SELECT unnest($traces::UUID[]))
    AND stored_us BETWEEN $since_us AND $until_us
