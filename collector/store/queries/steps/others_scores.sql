-- Accuracy of one step of agents of others under each of its scores, by bucket of time. Its attempts are the table `tried`.
SELECT (t.start_ns - $origin_ns) // $bucket_ns AS bucket, s.name, avg(CAST(is_right(s.score) AS DOUBLE)) AS accuracy
FROM scores_where(node_id IN (SELECT CAST(node_id AS UUID) FROM tried)) AS s JOIN tried AS t ON CAST(t.node_id AS UUID) = s.node_id
GROUP BY bucket, s.name
ORDER BY bucket, s.name
