SELECT node_id FROM changed WHERE part = $part
