-- The scores that count of the nodes that are the table `tried`; all that was stored of these was stored within `$since_us`
-- and `$until_us`.
SELECT node_id, name, score
FROM scores_where(
    node_id IN (SELECT CAST(node_id AS UUID) FROM tried) AND stored_us BETWEEN $since_us AND $until_us
)
