-- How much is stored, and of which time; the database knows it without reading.
SELECT count(*) AS spans, min(start_ns) AS oldest_ns, max(start_ns) AS newest_ns FROM spans
