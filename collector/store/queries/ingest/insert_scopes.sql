INSERT INTO scopes BY NAME FROM incoming_sources
