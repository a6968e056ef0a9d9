-- Scores, each with the node and attempt that it judges.
CREATE OR REPLACE VIEW evaluations AS
SELECT
    s.node_id,
    s.node_kind,
    s.attempt,
    s.round,
    coalesce(text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.name'), '') AS name,
    double_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.value') AS score,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.label') AS label,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.explanation') AS explanation,
    coalesce(TRY_CAST(e.time_ns AS BIGINT), s.end_ns) AS time_ns
FROM span_events AS e
JOIN spans AS s USING (trace_id, span_id)
WHERE e.name = 'gen_ai.evaluation.result';

-- The score that counts: the newest of a node under a name.
CREATE OR REPLACE VIEW verdicts AS
SELECT node_id, name, any_value(node_kind) AS node_kind, arg_max(score, (coalesce(attempt, 0), time_ns)) AS score
FROM evaluations
WHERE isfinite(score)
GROUP BY node_id, name;
