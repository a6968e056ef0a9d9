-- What there is to search.
SELECT count(*) AS records, min(start_ns) AS first_ns, max(start_ns) AS last_ns FROM spans
