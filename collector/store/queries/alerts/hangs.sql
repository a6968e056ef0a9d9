-- Attempts that go on and began before a moment, by step or group; the one that began first of each.
WITH markers AS (
    SELECT node_id, any_value(service) AS service, max(start_ns) AS begun_ns
    FROM pending
    GROUP BY node_id
    HAVING begun_ns < $before_ns
),
open AS (
    SELECT work.kind, work.workflow, work.step, work.run_id, node_id, markers.service, begun_ns
    FROM work_where(node_id IN (SELECT node_id FROM markers)) AS work JOIN markers USING (node_id)
    WHERE work.running
)
SELECT
    kind, service, workflow, step, count(*) AS attempts, min(begun_ns) AS begun_ns, arg_min(node_id, begun_ns) AS node_id
FROM open
GROUP BY ALL
ORDER BY begun_ns
