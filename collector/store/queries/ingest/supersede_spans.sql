-- Keeps what is not shown: of the batch, and of what was shown until now.
INSERT INTO superseded BY NAME
SELECT * EXCLUDE (row, origin, place, content_hash, differs, contradicts, stored_us) FROM contested WHERE place > 1 AND origin <> 1
