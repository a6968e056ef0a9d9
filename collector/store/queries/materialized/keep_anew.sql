-- Keeps what became of nodes that have changed, where they began in a time range. All spans that name one of them, or one of
-- their runs, were stored within a stretch of time, where one is known.
CREATE OR REPLACE TEMP TABLE work_anew AS
FROM work_to_materialize(
    $first_ns, node_id IN (SELECT node_id FROM changed_nodes WHERE is_again)
    --[$is_bounded
    , stored_us BETWEEN $since_us AND $until_us
    --]
)
WHERE start_ns >= $first_ns AND start_ns < $end_ns
