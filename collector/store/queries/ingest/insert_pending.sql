INSERT INTO pending BY NAME FROM incoming_rows
