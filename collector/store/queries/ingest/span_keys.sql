-- The spans of a batch as numbers, by which it is known whether they may have come before.
SELECT hash(trace_id, span_id) AS span_key FROM incoming_spans ORDER BY row
