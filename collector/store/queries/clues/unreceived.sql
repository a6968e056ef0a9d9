-- Events of which no span tells that one of our groups received them, of what was stored up to a time. Where the table `known`
-- has those of an earlier time, what was stored since alone is read: of an event that was told since, an earlier delivery is
-- not looked for.
SELECT CAST(id AS BLOB) AS id
FROM (
    SELECT node_id AS id FROM spans
    WHERE node_kind = 'event'
    --[$since_us
        AND stored_us > $since_us
    UNION
    SELECT CAST(id AS UUID) FROM known
    --]
)
ANTI JOIN (
    SELECT event_id AS id FROM spans
    WHERE node_kind = 'delivery' AND stored_us <= $as_of AND event_id IS NOT NULL
    --[$since_us
        AND stored_us > $since_us
    --]
) USING (id)
LIMIT $most
