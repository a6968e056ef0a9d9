"""Accuracy by depth and context as one statement says it that reads all records, to hold answers against."""

from typing import Any, Final

from collector.questions import chains
from collector.questions.windows import Range
from collector.store.database import Database

_ALL: Final = """
WITH RECURSIVE judged AS MATERIALIZED (
    SELECT node_id, name, is_right(score) AS correct
    FROM scores_where(
        start_ns >= $first_ns AND node_id IN (
            SELECT node_id FROM spans
            WHERE node_kind IN ('step', 'delivery') AND start_ns >= $first_ns AND start_ns < $end_ns
        )
    )
),
nodes AS MATERIALIZED (
    SELECT node_id, kind, event_id, context_size
    FROM work_where(node_id IN (SELECT node_id FROM judged))
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND round = 0
),
scored AS MATERIALIZED (
    SELECT judged.* FROM judged JOIN nodes USING (node_id)
),
tied AS MATERIALIZED (
    SELECT
        node_id,
        any_value(CASE node_kind WHEN 'step' THEN run_id WHEN 'delivery' THEN event_id ELSE causation_id END) AS above,
        any_value(CASE node_kind WHEN 'step' THEN greatest(depth, 1) WHEN 'delivery' THEN 1 ELSE 0 END) AS gains,
        any_value(workflow) FILTER (WHERE node_kind IN ('run', 'step')) AS workflow,
        any_value(channel) FILTER (WHERE node_kind IN ('event', 'delivery')) AS channel
    FROM records
    WHERE node_kind IN ('run', 'step', 'event', 'delivery')
        AND (
            node_id IN (SELECT node_id FROM scored)
            OR correlation_id IN (
                SELECT correlation_id FROM records WHERE node_id IN (SELECT node_id FROM scored)
            )
        )
    GROUP BY node_id
),
climbs AS (
    SELECT node_id, above, coalesce(gains, 1) AS depth, workflow, channel, 1 AS climbed
    FROM tied
    WHERE node_id IN (SELECT node_id FROM scored)
    UNION ALL
    SELECT
        c.node_id, t.above, c.depth + coalesce(t.gains, 1), coalesce(t.workflow, c.workflow),
        coalesce(t.channel, c.channel), c.climbed + 1
    FROM climbs AS c JOIN tied AS t ON t.node_id = c.above
    WHERE c.climbed < $farthest
),
chains AS (
    SELECT
        node_id,
        arg_max(depth, climbed) AS depth,
        coalesce(arg_max(workflow, climbed), arg_max(channel, climbed), '') AS workflow
    FROM climbs
    GROUP BY node_id
),
payloads AS (
    SELECT node_id AS event_id, max(double_at(attributes, keys_of(attributes), 'messaging.message.body.size')) AS size
    FROM spans
    WHERE node_kind = 'event' AND node_id IN (SELECT event_id FROM nodes JOIN scored USING (node_id))
    GROUP BY node_id
),
own AS MATERIALIZED (
    SELECT node_id, trace_id, span_id FROM spans WHERE node_id IN (SELECT node_id FROM scored)
),
others AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, CASE WHEN role = 'model' THEN work.input_tokens END AS tokens
    FROM spans
    WHERE node_kind = 'span' AND parent_span_id IS NOT NULL AND trace_id IN (SELECT trace_id FROM own)
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
    s.name, n.kind, coalesce(c.workflow, '') AS workflow, coalesce(c.depth, 1) AS depth,
    octave(coalesce(n.context_size, CAST(p.size AS BIGINT))) AS context_octave,
    octave(r.tokens) AS token_octave,
    count(*) AS scored,
    count(*) FILTER (WHERE s.correct) AS correct
FROM scored AS s
JOIN nodes AS n USING (node_id)
LEFT JOIN chains AS c USING (node_id)
LEFT JOIN payloads AS p USING (event_id)
LEFT JOIN read AS r USING (node_id)
GROUP BY ALL
ORDER BY ALL
"""


def truth(database: Database, within: Range) -> list[dict[str, Any]]:
    """What `chains.count_scored_nodes` has to return."""
    bound = {
        "first_ns": within.first_ns,
        "end_ns": within.end_ns,
        "farthest": chains.FARTHEST,
        "deepest": chains.DEEPEST,
    }
    found = database._connection.execute(_ALL, bound)
    names = [name for name, *_ in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
