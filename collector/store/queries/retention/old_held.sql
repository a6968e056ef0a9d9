-- Old traces that what is younger belongs to and, with $keep_unfinished, that hold work which is not done: a run without
-- an end, a delivery that is under way, a dead letter that nobody settled. A step goes on for as long as its run does.
WITH named AS (
    SELECT node_id AS key, trace_id FROM spans WHERE node_id IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT causation_id, trace_id FROM spans WHERE causation_id IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT correlation_id, trace_id FROM spans WHERE correlation_id IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT event_id, trace_id FROM spans WHERE event_id IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT run_id, trace_id FROM spans WHERE run_id IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT cause, trace_id FROM (SELECT unnest(causes) AS cause, trace_id FROM spans WHERE len(causes) > 0)
    WHERE cause IN (SELECT key FROM old_keys)
    UNION ALL
    SELECT unnest([node_id, causation_id, correlation_id, event_id, run_id]), trace_id FROM pending
),
linked AS (
    SELECT a.number, l.linked_trace_id AS trace_id
    FROM span_links AS l JOIN old_traces AS a USING (trace_id)
    WHERE l.linked_trace_id IN (SELECT trace_id FROM spans)
    UNION
    SELECT b.number, l.trace_id FROM span_links AS l JOIN old_traces AS b ON b.trace_id = l.linked_trace_id
),
of_younger AS (
    SELECT number, trace_id FROM old_keys JOIN named USING (key)
    UNION
    SELECT number, trace_id FROM linked
)
SELECT number FROM of_younger ANTI JOIN old_traces USING (trace_id)
UNION
SELECT min(number) FROM spans JOIN old_traces USING (trace_id)
WHERE $keep_unfinished AND node_kind = 'run'
GROUP BY node_id HAVING count(outcome) = 0
UNION
SELECT number FROM pending JOIN old_traces USING (trace_id)
WHERE $keep_unfinished AND node_kind = 'delivery' AND NOT EXISTS (
    SELECT 1 FROM spans WHERE spans.trace_id = pending.trace_id AND spans.span_id = pending.parent_span_id
)
UNION
SELECT number FROM spans JOIN old_traces USING (trace_id)
WHERE $keep_unfinished AND node_kind = 'dead_letter' AND NOT EXISTS (
    SELECT 1 FROM spans AS settled
    WHERE settled.dead_letter_id = spans.node_id AND settled.node_kind IN ('replay', 'discard')
)
