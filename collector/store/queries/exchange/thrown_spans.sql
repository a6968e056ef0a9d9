-- Spans of which log records of a file, by their numbers in it, tell exceptions; a day before those they may have begun.
SELECT trace_id, span_id, log_time(time_ns, observed_ns) - 86_400_000_000_000 AS since_ns
FROM read_parquet($logs, file_row_number = true)
WHERE file_row_number >= $first AND file_row_number <= $last AND is_exception
    AND trace_id IS NOT NULL AND span_id IS NOT NULL
