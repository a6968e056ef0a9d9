-- Until when nothing has changed of what began in a time range, whether anything has, and whether any of it was known before.
SELECT
    coalesce(min(known_ns), $end_ns) AS unchanged_ns, count(*) > 0 AS has_changed, count(known_ns) > 0 AS was_known
FROM changed_nodes
