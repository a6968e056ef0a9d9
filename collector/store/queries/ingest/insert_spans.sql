INSERT INTO spans BY NAME SELECT * EXCLUDE (row, is_pending) FROM staged WHERE NOT is_pending
