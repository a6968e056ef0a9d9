-- Spans of others of which exceptions came as log records, where they ended since a time. Those that did not end, or whose
-- times can't be, are few: apart, so that the others are found without reading what ended before.
CREATE OR REPLACE TEMP TABLE reread AS
WITH thrown AS (
    SELECT spans.rowid AS place, start_ns, trace_id, span_id
    FROM spans SEMI JOIN incoming_thrown USING (trace_id, span_id)
    WHERE end_ns >= $since_ns AND node_kind = 'span'
    UNION
    SELECT spans.rowid AS place, start_ns, trace_id, span_id
    FROM spans SEMI JOIN incoming_thrown USING (trace_id, span_id)
    WHERE (end_ns IS NULL OR is_early(end_ns)) AND dated(start_ns, stored_us) >= $since_ns AND node_kind = 'span'
)
SELECT place, row_number() OVER (ORDER BY start_ns, trace_id, span_id) - 1 AS "row" FROM thrown
