-- Accuracy of one step under each of its scores, by bucket of time.
SELECT (n.start_ns - $origin_ns) // $bucket_ns AS bucket, s.name, avg(CAST(is_right(s.score) AS DOUBLE)) AS accuracy
FROM scores_where(start_ns >= $first_ns AND node_id IN (SELECT node_id FROM step_nodes)) AS s
JOIN step_nodes AS n USING (node_id)
GROUP BY bucket, s.name
ORDER BY bucket, s.name
