-- Spans of which log records of a file, by their numbers in it, tell exceptions; a day before those they may have ended,
-- and before now where a clock was ahead.
SELECT
    trace_id, span_id,
    least(log_time(time_ns, observed_ns), epoch_us(now()) * 1_000) - 86_400_000_000_000 AS since_ns
FROM read_parquet($logs, file_row_number = true)
WHERE file_row_number >= $first AND file_row_number <= $last AND is_exception
    AND trace_id IS NOT NULL AND span_id IS NOT NULL
