-- Keeps what was scored in a window, for as long as the snapshot is open. Of a node under a name the newest counts. All that
-- was stored of the traces of what was judged was stored within `$since_us` and `$until_us`; of these the spans are read that
-- are judged.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT node_id, name, arg_max(verdict, (coalesce(attempt, 0), time_ns)) AS score
FROM evaluations_where(
    time_ns >= $first_ns AND time_ns < $end_ns,
    stored_us BETWEEN $since_us AND $until_us
        AND span_id IN (SELECT span_id FROM judgements WHERE time_ns >= $first_ns AND time_ns < $end_ns)
)
WHERE verdict IS NOT NULL
GROUP BY node_id, name
