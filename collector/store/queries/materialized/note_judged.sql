-- Notes which work was judged by log records: it may have been stored long before. What comes later is worked out then.
INSERT INTO changed_work (node_id)
SELECT DISTINCT node_id FROM spans
WHERE node_kind IN ('step', 'delivery') AND stored_us BETWEEN $since_us AND $until_us
    AND (trace_id, span_id) IN (SELECT CAST(trace_id AS UUID), span_id FROM judged_spans)
