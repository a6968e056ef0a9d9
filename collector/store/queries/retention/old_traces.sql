-- Traces of which everything that is stored ended before a time, numbered from 0.
CREATE OR REPLACE TEMP TABLE old_traces AS
WITH begun AS (
    SELECT
        trace_id, min(start_ns) AS first_ns, max(start_ns) AS last_ns, max(greatest(kept_ns, end_ns)) AS newest_ns,
        count(*) AS records
    FROM (
        SELECT trace_id, start_ns, end_ns, dated(start_ns, stored_us) AS kept_ns FROM spans WHERE start_ns < $until_ns
        UNION ALL
        SELECT trace_id, start_ns, end_ns, start_ns FROM pending WHERE start_ns < $until_ns
    )
    GROUP BY trace_id
),
going_on AS (
    SELECT trace_id FROM spans WHERE start_ns >= $until_ns AND trace_id IN (SELECT trace_id FROM begun)
    UNION
    SELECT trace_id FROM pending WHERE start_ns >= $until_ns AND trace_id IN (SELECT trace_id FROM begun)
)
SELECT row_number() OVER () - 1 AS number, *
FROM begun ANTI JOIN going_on USING (trace_id)
WHERE newest_ns < $until_ns
