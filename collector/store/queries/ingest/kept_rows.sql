-- Rows of a batch that are left.
SELECT row FROM staged ORDER BY row
