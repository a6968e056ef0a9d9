-- Contents that came beside others of the same span; it matters not which of them is shown, nor in how many batches they
-- came. Two that ended contradict each other.
INSERT INTO replacements
WITH told AS (
    SELECT
        greatest(count(DISTINCT content_hash) - 1, 0)
            - greatest(count(DISTINCT content_hash) FILTER (WHERE origin < 2) - 1, 0) AS beside,
        greatest(count(DISTINCT content_hash) FILTER (WHERE end_ns IS NOT NULL) - 1, 0)
            - greatest(count(DISTINCT content_hash) FILTER (WHERE end_ns IS NOT NULL AND origin < 2) - 1, 0) AS ended
    FROM contested
    GROUP BY trace_id, span_id
),
counted AS (
    SELECT true AS ended, ended AS spans FROM told
    UNION ALL
    SELECT false, beside - ended FROM told
)
SELECT $at_ns, ended, sum(spans)
FROM counted
WHERE spans > 0
GROUP BY ended
