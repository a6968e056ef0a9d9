-- How much is stored, and of which time. The ends are looked for one by one, as for `extent.sql`: `min` and `max` read all
-- rows from the first that is stored until the next checkpoint.
SELECT
    (SELECT count(*) FROM spans) AS spans,
    (SELECT start_ns FROM spans ORDER BY start_ns LIMIT 1) AS oldest_ns,
    (SELECT start_ns FROM spans ORDER BY start_ns DESC LIMIT 1) AS newest_ns
