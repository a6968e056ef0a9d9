-- The nodes of a part that were known.
SELECT node_id FROM changed WHERE part = $part AND was_known
