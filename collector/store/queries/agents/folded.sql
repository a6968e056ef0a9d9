-- The spans of some traces without leaves that play no part, below one that plays none either, and say nothing of anybody: all
-- that these tell is when the last of them ended.
WITH around AS MATERIALIZED (
    SELECT
        rowid AS place, trace_id, span_id, parent_span_id, end_ns, role IS NULL AS is_plain,
        role IS NULL AND node_kind = 'span' AND session_id IS NULL AND user_id IS NULL AND outcome IS NULL AS can_be_folded
    FROM spans WHERE trace_id IN (SELECT unnest($traces)) AND stored_us BETWEEN $since_us AND $until_us
),
leaves AS MATERIALIZED (
    SELECT leaf.place, above.place AS above, leaf.end_ns
    FROM around AS leaf JOIN around AS above ON above.trace_id = leaf.trace_id AND above.span_id = leaf.parent_span_id
    WHERE leaf.can_be_folded AND above.is_plain AND NOT EXISTS (
        SELECT 1 FROM around AS below WHERE below.trace_id = leaf.trace_id AND below.parent_span_id = leaf.span_id
    )
),
ends AS (SELECT above AS place, max(end_ns) AS last_ns FROM leaves GROUP BY above)
SELECT place, trace_id, span_id, last_ns
FROM around LEFT JOIN ends USING (place)
WHERE place NOT IN (SELECT place FROM leaves)
ORDER BY place
LIMIT $most
