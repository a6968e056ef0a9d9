-- What spans say of each group: deliveries that were done, deliveries that gave up and still wait for somebody.
SELECT
    workflow AS channel,
    step AS consumer_group,
    count(*) FILTER (WHERE outcome = 'ok') AS done,
    count(*) FILTER (WHERE outcome = 'dead_letter' AND l.dead_letter_id IS NOT NULL AND l.settled_by IS NULL) AS dead
FROM work_where(node_kind = 'delivery') AS d
LEFT JOIN dead_letters AS l ON l.delivery_id = d.node_id
GROUP BY ALL
ORDER BY ALL
