INSERT INTO resources BY NAME FROM incoming_sources
