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

-- Every reason to believe that one node caused another; `trace_id` is the effect's. A link or a parent counts only for
-- a span that declares no cause itself: a delivery of a second round is linked to the publish, and was caused by the
-- replay alone. A receipt counts where somebody is known to have sent the message. A parent that has not arrived has the
-- id that it will have if it is a foreign span; of work that still goes on a marker tells which node it is. Where something tells better than parent and
-- message which one it was, that counts instead.
CREATE OR REPLACE VIEW edge_claims AS
WITH silent AS (
    SELECT * FROM spans WHERE causation_id IS NULL AND coalesce(len(causes), 0) = 0
),
better AS (
    SELECT trace_id, span_id, node_id, cause, 'parent' AS evidence FROM led_receipts
    UNION ALL
    SELECT trace_id, span_id, node_id, cause, 'inferred' FROM passed_on_receipts
),
claims AS (
    SELECT unnest(causes) AS cause, node_id AS effect, 'declared' AS evidence, trace_id
    FROM records
    WHERE node_kind = 'step' AND len(causes) > 0
    UNION ALL
    SELECT causation_id, node_id, 'declared', trace_id
    FROM records
    WHERE causation_id IS NOT NULL AND (node_kind <> 'step' OR coalesce(len(causes), 0) = 0)
    UNION ALL
    SELECT event.node_id, receipt.node_id, 'declared', receipt.trace_id
    FROM foreign_receipts AS receipt
    JOIN spans AS event ON event.node_id = receipt.event_id AND event.node_kind = 'event'
    ANTI JOIN better ON better.trace_id = receipt.trace_id AND better.node_id = receipt.node_id
    WHERE receipt.told_by = 'message'
    UNION ALL
    SELECT cause, node_id, evidence, trace_id FROM better
    UNION ALL
    SELECT
        coalesce(linked.node_id, foreign_node(span_identity(l.linked_trace_id, l.linked_span_id))),
        silent.node_id,
        'linked',
        silent.trace_id
    FROM silent
    JOIN span_links AS l USING (trace_id, span_id)
    LEFT JOIN spans AS linked ON linked.trace_id = l.linked_trace_id AND linked.span_id = l.linked_span_id
    WHERE l.linked_trace_id IS NOT NULL AND l.linked_span_id IS NOT NULL
    UNION ALL
    SELECT
        coalesce(
            parent.node_id, marker.node_id, foreign_node(span_identity(silent.trace_id, silent.parent_span_id))
        ),
        silent.node_id,
        'parent',
        silent.trace_id
    FROM silent
    LEFT JOIN spans AS parent ON parent.trace_id = silent.trace_id AND parent.span_id = silent.parent_span_id
    LEFT JOIN pending AS marker ON marker.trace_id = silent.trace_id AND marker.parent_span_id = silent.parent_span_id
    ANTI JOIN better ON better.trace_id = silent.trace_id AND better.span_id = silent.span_id
    WHERE silent.parent_span_id IS NOT NULL
)
SELECT * FROM claims WHERE cause <> effect;
