-- Points of metrics about calls of models: of what is summed up since a process began, of each series the last point
-- within the window and the last before it; of what is sent piece by piece, all points of the window.
WITH points AS (
    SELECT
        * EXCLUDE (description, unit, flags),
        unit = 'ms' AS in_ms,
        time_ns >= $first_ns AS inside,
        row_number() OVER (
            PARTITION BY name, resource_id, scope_id, start_ns, attributes, time_ns >= $first_ns
            ORDER BY time_ns DESC
        ) AS age
    FROM metric_points
    WHERE list_contains($names, name) AND time_ns < $end_ns
)
FROM points
WHERE (temporality = 2 AND age = 1) OR (temporality IS DISTINCT FROM 2 AND inside)
ORDER BY inside, time_ns DESC
LIMIT $most
