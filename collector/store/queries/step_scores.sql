SELECT (n.start_ns - $first_ns) // $bucket_ns AS bucket, avg(CAST(v.score >= 0.5 AS DOUBLE)) AS accuracy
FROM verdicts AS v JOIN work AS n USING (node_id)
WHERE n.kind = $kind AND n.workflow = $workflow AND n.step = $step
    AND n.node_id IN (
        SELECT node_id FROM spans WHERE node_kind = $kind AND start_ns >= $first_ns AND start_ns < $end_ns
    )
    AND n.start_ns >= $first_ns AND n.start_ns < $end_ns AND coalesce(n.round, 0) = 0
GROUP BY bucket
