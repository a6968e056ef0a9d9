-- Spans of others of which exceptions came as log records.
CREATE OR REPLACE TEMP TABLE reread AS
SELECT rowid AS place, row_number() OVER (ORDER BY start_ns, trace_id, span_id) - 1 AS "row"
FROM spans
SEMI JOIN incoming_thrown USING (trace_id, span_id)
WHERE start_ns >= $since_ns AND node_kind = 'span'
