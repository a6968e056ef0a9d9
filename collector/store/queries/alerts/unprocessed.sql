-- Groups of the live bus whose oldest event has waited for too long.
SELECT channel, consumer_group, app, waiting, retrying, consumers, oldest_seconds AS "value"
FROM bus_groups
WHERE oldest_seconds > $threshold
ORDER BY "value" DESC
