SELECT (n.start_ns - $origin_ns) // $bucket_ns AS bucket, avg(CAST(v.score >= 0.5 AS DOUBLE)) AS accuracy
FROM verdicts AS v JOIN nodes_of_step($kind, $workflow, $step, $first_ns, $end_ns) AS n USING (node_id)
GROUP BY bucket
