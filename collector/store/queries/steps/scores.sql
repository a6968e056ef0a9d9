-- Accuracy of one step under each of its scores, by bucket of time.
WITH nodes AS (FROM work_between($first_ns, $end_ns, $kind, $workflow, $step))
SELECT (n.start_ns - $origin_ns) // $bucket_ns AS bucket, s.name, avg(CAST(is_right(s.score) AS DOUBLE)) AS accuracy
FROM scores_where(start_ns >= $first_ns AND node_id IN (SELECT node_id FROM nodes)) AS s JOIN nodes AS n USING (node_id)
GROUP BY bucket, s.name
ORDER BY bucket, s.name
