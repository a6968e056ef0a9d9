-- Spans of a file, by their numbers in it, that are to be stored: those of which no record is shown.
CREATE OR REPLACE TEMP TABLE new_rows AS
SELECT s.row
FROM read_parquet($spans) AS s
ANTI JOIN spans AS stored ON stored.trace_id = s.trace_id AND stored.span_id = s.span_id
WHERE s.row BETWEEN $first AND $last
QUALIFY row_number() OVER (PARTITION BY s.trace_id, s.span_id ORDER BY s.row) = 1
