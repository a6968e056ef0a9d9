-- Spans that log records of a file, by their numbers in it, judge.
SELECT DISTINCT trace_id, span_id
FROM read_parquet($logs, file_row_number = true)
WHERE file_row_number >= $first AND file_row_number <= $last AND is_evaluation
    AND trace_id IS NOT NULL AND span_id IS NOT NULL
