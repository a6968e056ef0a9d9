-- The scores that count of the calls of the table `found_calls`; all that was stored of their nodes was stored within `$since_us`
-- and `$until_us`.
SELECT node_id, name, score
FROM scores_where(
    node_id IN (SELECT uuid_of(node_id) FROM found_calls) AND stored_us BETWEEN $since_us AND $until_us
)
