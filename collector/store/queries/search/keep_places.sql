-- Keeps, for as long as the snapshot is open, where spans and markers lie of which some column is an id. Each look reads one column
-- alone: all at once would be read together with the attributes. When everything was stored that names an id is known, but as
-- a correlation, or of ids of 64 bits: these columns are read whole.
CREATE OR REPLACE TEMP TABLE found_places AS
WITH near AS NOT MATERIALIZED (
    SELECT trace_id, span_id, node_id, event_id, run_id, causation_id, dead_letter_id, causes
    FROM spans WHERE stored_us BETWEEN $named_since_us AND $named_until_us
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id, run_id, causation_id, dead_letter_id, causes FROM pending
),
anywhere AS NOT MATERIALIZED (
    SELECT trace_id, span_id, node_id, event_id, correlation_id FROM spans
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id, correlation_id FROM pending
)
SELECT DISTINCT trace_id, span_id, node_id, event_id
FROM (
    SELECT trace_id, span_id, node_id, event_id FROM anywhere WHERE correlation_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE node_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE event_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE run_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE causation_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE dead_letter_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE trace_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM near WHERE list_has_any(causes, $ids)
    --[$has_spans
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM anywhere WHERE span_id IN (SELECT unnest($span_ids))
    --]
    --[$has_halves
    UNION ALL
    SELECT trace_id, span_id, node_id, event_id FROM anywhere WHERE ends_in(trace_id, $halves)
    --]
)
