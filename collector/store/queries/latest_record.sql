-- Whether a window holds records of some kinds, and where the latest one is that began before a horizon.
SELECT
    count(*) FILTER (WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS inside,
    max(start_ns) FILTER (WHERE start_ns < $horizon_ns) AS latest_ns
FROM spans
WHERE list_contains($kinds, node_kind)
