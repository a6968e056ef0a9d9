-- Keeps the nodes of which `told_work` says something, in parts of `$most`, in the order in which they began, and which of them
-- were known. Where all spans that say anything of them are in it, no more was known of them than a marker says.
CREATE OR REPLACE TEMP TABLE changed AS
WITH told AS MATERIALIZED (
    SELECT node_id, min(begun_ns) AS begun_ns FROM told_work WHERE node_id IS NOT NULL GROUP BY node_id
),
had AS NOT MATERIALIZED (
    --[$may_be_known
    FROM materialized_work
    --]
    --[$is_new
    FROM materialized_work WHERE running
    UNION ALL
    FROM materialized_work WHERE node_id IN (SELECT node_id FROM pending SEMI JOIN told USING (node_id))
    --]
),
known AS (
    SELECT node_id, start_ns FROM had
    WHERE node_id IN (SELECT node_id FROM told) OR run_id IN (SELECT run_id FROM told_work WHERE run_id IS NOT NULL)
)
SELECT node_id, first_ns, was_known, (row_number() OVER (ORDER BY first_ns, node_id) - 1) // $most AS part
FROM (
    SELECT node_id, min(first_ns) AS first_ns, bool_or(was_known) AS was_known
    FROM (SELECT node_id, begun_ns AS first_ns, false AS was_known FROM told UNION ALL SELECT *, true FROM known)
    GROUP BY node_id
)
