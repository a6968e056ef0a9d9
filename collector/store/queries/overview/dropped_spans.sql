-- Spans that processes lost before they could send them, by service: in all, and of the processes that a window heard
-- of. Whatever a process sends says how many it has lost since it began, so its largest number counts.
WITH told AS (
    SELECT
        resource_id,
        coalesce(text_at(attributes, keys_of(attributes), 'service.name'), '') AS service,
        text_at(attributes, keys_of(attributes), 'service.instance.id') AS instance,
        integer_at(attributes, keys_of(attributes), 'causeline.telemetry.dropped_spans') AS dropped
    FROM resources
    WHERE list_contains(keys_of(attributes), 'causeline.telemetry.dropped_spans')
),
heard AS (
    SELECT DISTINCT resource_id
    FROM (SELECT resource_id, start_ns FROM spans UNION ALL SELECT resource_id, start_ns FROM superseded)
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND resource_id IN (SELECT resource_id FROM told)
),
processes AS (
    SELECT
        service,
        max(dropped) AS dropped,
        max(dropped) FILTER (WHERE resource_id IN (SELECT resource_id FROM heard)) AS recently
    FROM told
    WHERE dropped > 0
    GROUP BY service, instance
)
SELECT service, sum(dropped) AS dropped, coalesce(sum(recently), 0) AS recently
FROM processes
GROUP BY service
ORDER BY service
