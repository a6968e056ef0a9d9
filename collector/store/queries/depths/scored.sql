-- Keeps the scores of the steps and deliveries that began in a time range, for as long as the snapshot is open.
CREATE OR REPLACE TEMP TABLE scored AS
WITH begun AS NOT MATERIALIZED (
    FROM materialized_work WHERE start_ns >= $first_ns AND start_ns < $unchanged_ns
    --[$has_changed
    UNION ALL BY NAME
    FROM materialized_work ANTI JOIN changed_nodes USING (node_id) WHERE start_ns >= $unchanged_ns AND start_ns < $end_ns
    UNION ALL BY NAME
    FROM work_anew
    --]
)
SELECT node_id, kind, judged.name AS name, is_right(judged.score) AS correct
FROM (SELECT node_id, kind, unnest(scores) AS judged FROM begun)
