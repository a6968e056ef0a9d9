SELECT (n.start_ns - $origin_ns) // $bucket_ns AS bucket, avg(CAST(v.score >= 0.5 AS DOUBLE)) AS accuracy
FROM verdicts AS v JOIN work_between($first_ns, $end_ns, $kind, $workflow, $step) AS n USING (node_id)
GROUP BY bucket
