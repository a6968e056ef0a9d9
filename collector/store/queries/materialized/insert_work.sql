INSERT INTO materialized_work BY NAME FROM incoming_rows
