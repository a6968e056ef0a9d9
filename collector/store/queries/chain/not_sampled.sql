-- Which of some nodes were told although their correlation is not sampled.
SELECT DISTINCT CAST(node_id AS VARCHAR) AS node_id
FROM records
WHERE node_id IN (SELECT CAST(unnest($nodes) AS UUID)) AND (running OR stored_us BETWEEN $since_us AND $until_us)
    AND node_kind IN ('dead_letter', 'replay', 'discard', 'delivery')
    AND NOT coalesce(flag_at(attributes, keys_of(attributes), 'causeline.sampled'), true)
