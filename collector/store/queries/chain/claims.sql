-- Every reason to believe that one node caused another, in some traces; `trace_id` is the effect's. A link or a parent
-- counts only for a span that declares no cause itself: a delivery of a second round is linked to the publish, and was
-- caused by the replay alone. A receipt counts where somebody is known to have sent the message. A parent that has not
-- arrived has the id that it will have if it is a foreign span; of work that still goes on a marker tells which node it
-- is. Where something tells better than parent and message which one it was, that counts instead.
--
-- Text is read several times faster than UUIDs are. The traces were stored within a stretch; what they link to may be
-- anywhere.
WITH silent AS (
    SELECT trace_id, span_id, parent_span_id, node_id FROM spans
    WHERE causation_id IS NULL AND coalesce(len(causes), 0) = 0 AND stored_us BETWEEN $since_us AND $until_us
),
--[$messages
better AS (
    SELECT trace_id, span_id, node_id, cause, 'parent' AS evidence FROM led_receipts
    UNION ALL
    SELECT trace_id, span_id, node_id, cause, 'inferred' FROM passed_on_receipts
),
--]
claims AS (
    SELECT unnest(causes) AS cause, node_id AS effect, 'declared' AS evidence, trace_id
    FROM told_nodes_within($since_us, $until_us)
    WHERE node_kind = 'step' AND len(causes) > 0
    UNION ALL
    SELECT causation_id, node_id, 'declared', trace_id
    FROM told_nodes_within($since_us, $until_us)
    WHERE causation_id IS NOT NULL AND (node_kind <> 'step' OR coalesce(len(causes), 0) = 0)
    --[$messages
    UNION ALL
    SELECT event.node_id, receipt.node_id, 'declared', receipt.trace_id
    FROM foreign_receipts AS receipt
    JOIN spans AS event ON event.node_id = receipt.event_id AND event.node_kind = 'event'
    ANTI JOIN better ON better.trace_id = receipt.trace_id AND better.node_id = receipt.node_id
    WHERE receipt.told_by = 'message'
    UNION ALL
    SELECT cause, node_id, evidence, trace_id FROM better
    --]
    --[$apart
    UNION ALL
    SELECT cause, node_id, 'inferred', trace_id FROM continued
    --]
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
    LEFT JOIN spans AS parent
        ON parent.trace_id = silent.trace_id AND parent.span_id = silent.parent_span_id
        AND parent.stored_us BETWEEN $since_us AND $until_us
    LEFT JOIN pending AS marker ON marker.trace_id = silent.trace_id AND marker.parent_span_id = silent.parent_span_id
    --[$messages
    ANTI JOIN better ON better.trace_id = silent.trace_id AND better.span_id = silent.span_id
    --]
    WHERE silent.parent_span_id IS NOT NULL
)
SELECT CAST(cause AS VARCHAR) AS cause, CAST(effect AS VARCHAR) AS effect, evidence
FROM claims
WHERE trace_id IN (SELECT unnest($traces)) AND trace_id BETWEEN list_min($traces) AND list_max($traces)
    AND cause <> effect
ORDER BY ALL
LIMIT $most
