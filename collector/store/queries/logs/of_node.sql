-- How many log records there are of a node and of the foreign spans below it.
SELECT count(*) AS records
FROM logs SEMI JOIN spans_of_node($id, $since_us, $until_us, $around_since_us, $around_until_us) USING (trace_id, span_id)
