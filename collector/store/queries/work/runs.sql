-- The runs that some steps and deliveries are of.
SELECT run_id FROM spans
WHERE node_id IN (SELECT unnest($ids)) AND run_id IS NOT NULL AND stored_us BETWEEN $since_us AND $until_us
UNION
SELECT run_id FROM pending WHERE node_id IN (SELECT unnest($ids)) AND run_id IS NOT NULL
UNION
SELECT run_id FROM spans
WHERE node_kind = 'dead_letter' AND causation_id IN (SELECT unnest($ids)) AND run_id IS NOT NULL
    AND stored_us BETWEEN $since_us AND $until_us
