-- Scores, each with the node and attempt that it judges, of the happenings that meet a condition: an argument, because it
-- filters before they are joined with spans. It names columns of `happenings`.
CREATE OR REPLACE MACRO evaluations_where(condition) AS TABLE
SELECT
    s.node_id,
    s.attempt,
    coalesce(text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.name'), '') AS name,
    double_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.value') AS score,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.score.label') AS label,
    text_at(e.attributes, keys_of(e.attributes), 'gen_ai.evaluation.explanation') AS explanation,
    coalesce(TRY_CAST(e.time_ns AS BIGINT), s.end_ns) AS time_ns
FROM (SELECT * FROM happenings WHERE name = 'gen_ai.evaluation.result' AND condition) AS e
JOIN spans AS s USING (trace_id, span_id);

CREATE OR REPLACE VIEW evaluations AS
FROM evaluations_where(true);

-- The scores that count, of the evaluations that meet a condition: the newest of a node under a name. What is no finite
-- number is no score: NaN is larger than every threshold to DuckDB.
CREATE OR REPLACE MACRO scores_where(condition) AS TABLE
    SELECT node_id, name, arg_max(score, (coalesce(attempt, 0), time_ns)) AS score
    FROM evaluations
    WHERE isfinite(score) AND condition
    GROUP BY node_id, name;

-- Whether a score says that the answer was right.
CREATE OR REPLACE MACRO is_right(score) AS score >= 0.5;
