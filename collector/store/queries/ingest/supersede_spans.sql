-- Keeps what is not shown, whole: of the batch, and of what was shown until now.
INSERT INTO superseded BY NAME
SELECT staged.* EXCLUDE (row, is_pending), record_hash, events, links
FROM contested JOIN staged USING (row)
WHERE place > 1 AND origin = 2
UNION ALL BY NAME
SELECT spans.* EXCLUDE (stored_us), record_hash, events, links
FROM contested JOIN spans ON spans.rowid = contested.row
WHERE place > 1 AND origin = 0
