INSERT INTO pending BY NAME SELECT * EXCLUDE (row, is_pending) FROM staged WHERE is_pending
