INSERT INTO spans BY NAME FROM incoming_rows
