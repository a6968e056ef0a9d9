-- Accuracy of one step under each of its scores, by bucket of time.
SELECT (start_ns - $origin_ns) // $bucket_ns AS bucket, judged.name AS name, avg(CAST(is_right(judged.score) AS DOUBLE)) AS accuracy
FROM (SELECT start_ns, unnest(scores) AS judged FROM step_nodes)
GROUP BY bucket, judged.name
ORDER BY bucket, judged.name
