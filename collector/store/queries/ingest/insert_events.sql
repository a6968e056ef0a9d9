-- By one thread, as `insert_spans`.
INSERT INTO span_events BY NAME SELECT incoming_rows.* FROM incoming_rows POSITIONAL JOIN (SELECT 1)
