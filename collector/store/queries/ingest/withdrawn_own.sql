-- How many stored records of ours will not be shown any more.
SELECT count(*) AS records
FROM contested JOIN spans ON spans.rowid = contested.row
WHERE place > 1 AND origin = 0 AND node_kind <> 'span'
