-- The scores of some steps by name, and the lowest of each step. The bounds are there because a semi-join alone comes after
-- everything that happened was read.
SELECT node_id, min(score) AS score, map_from_entries(list((name, score) ORDER BY name)) AS scores
FROM scores_where(
    node_id IN (SELECT unnest($ids)) AND node_id BETWEEN list_min($ids) AND list_max($ids)
    AND stored_us BETWEEN $since_us AND $until_us
)
GROUP BY node_id
