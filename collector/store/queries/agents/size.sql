-- How many spans some traces have.
SELECT count(*) AS spans FROM spans
WHERE trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
