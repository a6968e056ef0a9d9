INSERT INTO span_events BY NAME FROM incoming_rows
