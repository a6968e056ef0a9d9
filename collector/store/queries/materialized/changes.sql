-- Until when nothing has changed of what began in a time range, and whether anything has.
SELECT coalesce(min(known_ns), $end_ns) AS unchanged_ns, count(*) > 0 AS has_changed FROM changed_nodes
