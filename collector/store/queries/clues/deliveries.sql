-- Deliveries that may stand so: as it was worked out ahead, or, of further rounds and of what was stored since, as a record says
-- it. What was changed in place since may stand in any way.
SELECT CAST(node_id AS BLOB) AS id
FROM (
    SELECT node_id FROM changed_work
    --[$outcome
    UNION ALL
    SELECT node_id FROM materialized_work WHERE kind = 'delivery' AND outcome = $outcome
    UNION ALL
    SELECT node_id FROM spans WHERE node_kind = 'delivery' AND round > 0 AND list_contains($outcomes, outcome)
    UNION ALL
    SELECT node_id FROM spans
    WHERE node_kind = 'delivery' AND was_stored_within(stored_us, $known_us, 9223372036854775807)
        AND list_contains($outcomes, outcome)
    --]
    --[$has_died
    UNION ALL
    SELECT node_id FROM spans WHERE node_kind = 'delivery' AND round > 0
    UNION ALL
    SELECT causation_id FROM spans
    WHERE node_kind = 'dead_letter' AND was_stored_within(stored_us, $known_us, 9223372036854775807)
    --]
    --[$settled_by
    UNION ALL
    SELECT causation_id FROM spans
    WHERE node_kind = 'dead_letter' AND node_id IN (SELECT dead_letter_id FROM spans WHERE node_kind = $settled_by)
    --]
    --[$is_open
    UNION ALL
    SELECT node_id FROM pending WHERE node_kind = 'delivery'
    --]
    --[$known
    UNION ALL
    SELECT node_id FROM materialized_work
    WHERE kind = 'delivery' AND (outcome IS NULL OR NOT list_contains($known, outcome))
    UNION ALL
    SELECT node_id FROM spans WHERE node_kind = 'delivery' AND round > 0 AND NOT coalesce(list_contains($known, outcome), false)
    UNION ALL
    SELECT node_id FROM spans
    WHERE node_kind = 'delivery' AND was_stored_within(stored_us, $known_us, 9223372036854775807)
        AND NOT coalesce(list_contains($known, outcome), false)
    --]
)
WHERE node_id IS NOT NULL
LIMIT $most
