-- Spans of a file, by their numbers in it, that are stored already: whether as they are there or otherwise.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT s.* EXCLUDE (file_row_number), s.file_row_number AS row, false AS is_pending
FROM read_parquet($spans, file_row_number = true) AS s
SEMI JOIN spans AS stored ON stored.trace_id = s.trace_id AND stored.span_id = s.span_id
WHERE s.file_row_number BETWEEN $first AND $last
