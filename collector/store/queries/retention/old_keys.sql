-- The ids that old traces hold or name. Two traces that share one belong to the same chain; links join others.
CREATE OR REPLACE TEMP TABLE old_keys AS
WITH named AS (
    SELECT number, node_kind, node_id, causation_id, correlation_id, event_id, run_id, causes
    FROM spans JOIN old_traces USING (trace_id)
    UNION ALL
    SELECT number, node_kind, node_id, causation_id, correlation_id, event_id, run_id, causes
    FROM pending JOIN old_traces USING (trace_id)
),
keys AS (
    -- The id of a foreign span is made of its own place: others point there by a link.
    SELECT number, unnest([if(node_kind = 'span', NULL, node_id), causation_id, correlation_id, event_id, run_id]) AS key
    FROM named
    UNION ALL
    SELECT number, unnest(causes) FROM named WHERE len(causes) > 0
)
SELECT DISTINCT number, key FROM keys WHERE key IS NOT NULL
