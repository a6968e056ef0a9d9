FROM work_to_materialize(
    $first_ns, node_id IN (SELECT node_id FROM changed WHERE part = $part)
    --[$is_new
    , stored_us BETWEEN $since_us AND $until_us
    --]
)
ORDER BY start_ns
