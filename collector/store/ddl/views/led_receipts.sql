-- What led a message of others to who takes it, where its event can't tell, because that was there before; a parent or a
-- link tells from which of its sends it was taken. It was put back by a receiver that asked to be tried again, try after
-- try; or it came back to its channel by way of others.
CREATE OR REPLACE VIEW led_receipts AS
WITH taken AS (
    SELECT trace_id, span_id, node_id, event_id, trace_id AS sent_trace_id, parent_span_id AS sent_span_id
    FROM spans
    WHERE node_kind = 'span' AND kind = 5 AND causation_id IS NULL AND event_id IS NOT NULL
    UNION ALL
    SELECT taken.trace_id, taken.span_id, taken.node_id, taken.event_id, l.linked_trace_id, l.linked_span_id
    FROM spans AS taken
    JOIN span_links AS l USING (trace_id, span_id)
    WHERE taken.node_kind = 'span' AND taken.kind = 5 AND taken.causation_id IS NULL AND taken.event_id IS NOT NULL
)
SELECT taken.trace_id, taken.span_id, taken.node_id, before.node_id AS cause
FROM taken
JOIN spans AS sent
    ON sent.trace_id = taken.sent_trace_id AND sent.span_id = taken.sent_span_id AND sent.node_id = taken.event_id
JOIN spans AS before ON before.trace_id = sent.trace_id AND before.span_id = sent.parent_span_id
WHERE CASE
    WHEN before.event_id = taken.event_id THEN before.outcome = 'retry'
    ELSE before.node_kind = 'span' AND EXISTS (
        FROM spans AS first WHERE first.node_id = taken.event_id AND first.start_ns < sent.start_ns
    )
END;

-- Whoever takes a message whose trace context is that of another channel's: it was passed on with all its headers. What
-- was sent last in its conversation to its own channel led to it; that is our reading.
CREATE OR REPLACE VIEW passed_on_receipts AS
SELECT taken.trace_id, taken.span_id, taken.node_id, arg_max(sent.node_id, (sent.start_ns, sent.span_id)) AS cause
FROM spans AS taken
JOIN spans AS parent
    ON parent.trace_id = taken.trace_id AND parent.span_id = taken.parent_span_id AND parent.kind = 4
    AND parent.channel <> taken.channel
JOIN spans AS sent
    ON sent.trace_id = taken.trace_id AND sent.kind = 4 AND sent.channel = taken.channel
    AND sent.subject = taken.subject AND sent.start_ns <= taken.start_ns
WHERE taken.node_kind = 'span' AND taken.kind = 5 AND taken.causation_id IS NULL
GROUP BY taken.trace_id, taken.span_id, taken.node_id;
