-- What settled some dead letters, the first first.
SELECT dead_letter_id, node_kind
FROM spans
WHERE dead_letter_id IN (SELECT unnest($ids)) AND node_kind IN ('replay', 'discard')
    AND stored_us BETWEEN $since_us AND $until_us
ORDER BY start_ns, node_id
