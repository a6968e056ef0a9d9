-- What tells of one node: its own records, what settled it, and where it was received. Each is looked for by itself, since
-- a row of which one column or another has to fit is read whole.
FROM node_records WHERE (running OR stored_us BETWEEN $since_us AND $until_us) AND node_id = $id
UNION
FROM node_records WHERE (running OR stored_us BETWEEN $since_us AND $until_us) AND dead_letter_id = $id
UNION
FROM node_records WHERE (running OR stored_us BETWEEN $since_us AND $until_us) AND event_id = $id AND node_kind = 'delivery'
ORDER BY start_ns, trace_id, span_id
