-- Keeps, for as long as the snapshot is open, what the events name as their causes that `found_places` names; all that is of its
-- nodes was stored within a stretch of time.
CREATE OR REPLACE TEMP TABLE found_causes AS
SELECT DISTINCT causation_id AS id
FROM spans
WHERE node_kind = 'event' AND node_id IN (SELECT unnest([node_id, event_id]) FROM found_places)
    AND stored_us BETWEEN $around_since_us AND $around_until_us AND causation_id IS NOT NULL
