INSERT INTO span_links BY NAME FROM incoming_rows
