-- Scored nodes by how far down their chain they are, by how much context they were given, and by how much of it the
-- largest call of a model within them read, however deep; of each score how many are right.
WITH RECURSIVE payloads AS (
    SELECT node_id AS event_id, max(double_at(attributes, keys_of(attributes), 'messaging.message.body.size')) AS size
    FROM spans
    WHERE node_kind = 'event' AND stored_us BETWEEN $events_since_us AND $events_until_us
        AND node_id IN (SELECT event_id FROM climbs WHERE context_size IS NULL)
    GROUP BY node_id
),
own AS MATERIALIZED (
    SELECT node_id, trace_id, span_id FROM told WHERE span_id IS NOT NULL
),
others AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, CASE WHEN role = 'model' THEN work.input_tokens END AS tokens
    FROM spans
    WHERE node_kind = 'span' AND parent_span_id IS NOT NULL AND stored_us BETWEEN $traces_since_us AND $traces_until_us
        AND trace_id IN (SELECT trace_id FROM own)
),
within AS (
    SELECT own.node_id, o.trace_id, o.span_id, o.tokens, 1 AS depth
    FROM own JOIN others AS o ON o.trace_id = own.trace_id AND o.parent_span_id = own.span_id
    UNION ALL
    SELECT w.node_id, o.trace_id, o.span_id, o.tokens, w.depth + 1
    FROM within AS w JOIN others AS o ON o.trace_id = w.trace_id AND o.parent_span_id = w.span_id
    WHERE w.depth < $deepest
),
read AS (
    SELECT node_id, max(tokens) AS tokens FROM within GROUP BY node_id
)
SELECT
    s.name, s.kind, coalesce(c.workflow, c.channel, '') AS workflow, c.depth,
    octave(coalesce(c.context_size, CAST(p.size AS BIGINT))) AS context_octave,
    octave(r.tokens) AS token_octave,
    count(*) AS scored,
    count(*) FILTER (WHERE s.correct) AS correct
FROM scored AS s
JOIN climbs AS c ON c.scored_id = s.node_id
LEFT JOIN payloads AS p USING (event_id)
LEFT JOIN read AS r ON r.node_id = s.node_id
GROUP BY ALL
ORDER BY ALL
