-- How much is stored, and of which time. The ends are looked for one by one, as for `extent.sql`: `min` and `max` read all
-- rows from the first that is stored until the next checkpoint. Every start time fits the conditions: without any, DuckDB
-- (2.0.0) finds nothing where the first rows that it looks at are removed ones.
SELECT
    (SELECT count(*) FROM spans) AS spans,
    (SELECT start_ns FROM spans WHERE start_ns >= -9223372036854775808 ORDER BY start_ns LIMIT 1) AS oldest_ns,
    (SELECT start_ns FROM spans WHERE start_ns >= -9223372036854775808 ORDER BY start_ns DESC LIMIT 1) AS newest_ns
