-- Spans of a file, by their numbers in it, that are to be stored: of no span another record is shown.
CREATE OR REPLACE TEMP TABLE new_rows AS
SELECT s.file_row_number AS row
FROM read_parquet($spans, file_row_number = true) AS s
ANTI JOIN spans AS stored ON stored.trace_id = s.trace_id AND stored.span_id = s.span_id
WHERE s.file_row_number BETWEEN $first AND $last
QUALIFY row_number() OVER (PARTITION BY s.trace_id, s.span_id ORDER BY s.file_row_number) = 1
