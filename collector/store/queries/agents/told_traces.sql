-- Those of some traces in which a span plays a part in an agent's work.
SELECT DISTINCT trace_id FROM spans WHERE trace_id IN (SELECT unnest($traces)) AND role IS NOT NULL
    AND stored_us BETWEEN $since_us AND $until_us
