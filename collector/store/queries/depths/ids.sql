-- Ids that are looked for next: what the ways up from scored nodes have come to, the events that nodes were given where
-- nothing else says how much that was, or the traces in which nodes worked.
--[$of_causes
SELECT DISTINCT CAST(node_id AS BLOB) AS id FROM climbs WHERE node_id IS NOT NULL
--]
--[$of_events
SELECT DISTINCT CAST(event_id AS BLOB) AS id FROM climbs WHERE context_size IS NULL AND event_id IS NOT NULL
--]
--[$of_traces
SELECT DISTINCT CAST(trace_id AS BLOB) AS id FROM told WHERE span_id IS NOT NULL
--]
