-- Runs of ours of which a record says so.
SELECT CAST(node_id AS BLOB) AS id
FROM spans
WHERE node_kind = 'run'
--[$workflow
    AND (workflow = $workflow OR ($workflow = '' AND workflow IS NULL))
--]
--[$app
    AND service = $app
--]
--[$outcome
    AND outcome = $outcome
--]
LIMIT $most
