-- Accuracy of one step of agents of others under each of its scores, by bucket of time. Its attempts are the table
-- `tried`, their scores `judged`.
SELECT (t.start_ns - $origin_ns) // $bucket_ns AS bucket, s.name, avg(CAST(is_right(s.score) AS DOUBLE)) AS accuracy
FROM judged AS s JOIN tried AS t USING (node_id)
GROUP BY bucket, s.name
ORDER BY bucket, s.name
