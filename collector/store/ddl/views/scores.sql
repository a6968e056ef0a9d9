-- What labels say that are verdicts: 1 for right, 0 for wrong, NULL for others.
CREATE OR REPLACE MACRO verdict_of(label) AS CASE
    WHEN lower(trim(label)) IN ('pass', 'passed', 'correct', 'right', 'true', 'yes', 'ok', 'success') THEN 1.0
    WHEN lower(trim(label)) IN ('fail', 'failed', 'incorrect', 'wrong', 'false', 'no', 'failure') THEN 0.0
END;

-- Which span each evaluation judges: the one that it names, or the call that gave the answer of that id, which is all that
-- some evaluators know of it (`gen_ai.response.id`); of two instrumentations of one call, the first. That is a call of others;
-- who asks for work of ours alone is content with what names its span (`is_named`), and reads no calls.
CREATE OR REPLACE VIEW judgements AS
WITH told AS MATERIALIZED (
    SELECT
        CAST(log_time(time_ns, observed_ns) AS UBIGINT) AS time_ns, attributes,
        text_at(attributes, keys_of(attributes), 'gen_ai.response.id') AS response_id
    FROM logs
    WHERE span_id IS NULL AND is_evaluation AND event_name = 'gen_ai.evaluation.result'
)
SELECT trace_id, span_id, time_ns, attributes, true AS is_named
FROM span_events
WHERE name = 'gen_ai.evaluation.result'
UNION ALL
SELECT trace_id, span_id, CAST(log_time(time_ns, observed_ns) AS UBIGINT) AS time_ns, attributes, true AS is_named
FROM logs
WHERE is_evaluation AND span_id IS NOT NULL
UNION ALL
SELECT answer.trace_id, answer.span_id, told.time_ns, told.attributes, false AS is_named
FROM told
JOIN (
    SELECT
        work.response_id AS response_id, arg_min(trace_id, (start_ns, span_id)) AS trace_id,
        arg_min(span_id, (start_ns, span_id)) AS span_id
    FROM spans
    WHERE role IS NOT NULL AND work.response_id <> '' AND work.response_id IN (SELECT response_id FROM told)
    GROUP BY work.response_id
) AS answer USING (response_id);

-- Scores, each with the node and attempt that it judges: of the happenings that meet one condition, about the spans that
-- meet another. They are arguments, because they filter before the two are joined, and before attributes are read. The first
-- names columns of `judgements`, the second of `spans`. What happened in other traces is left out first: to join the two at once
-- the database keeps every happening, with its attributes. A score comes as a number, or as a text that is one. `verdict` is
-- what counts, from 0 to 1: a score on another scale says nothing by itself of right and wrong, and the label decides.
CREATE OR REPLACE MACRO evaluations_where(happened, judged) AS TABLE
WITH about AS MATERIALIZED (SELECT trace_id, span_id, node_id, attempt, end_ns FROM spans WHERE judged),
told AS MATERIALIZED (FROM judgements WHERE happened AND trace_id IN (SELECT trace_id FROM about))
SELECT
    *,
    CASE WHEN score BETWEEN 0 AND 1 THEN score ELSE verdict_of(label) END AS verdict
FROM (
    SELECT
        node_id,
        attempt,
        coalesce(text_at(attributes, keys, 'gen_ai.evaluation.name'), '') AS name,
        coalesce(
            double_at(attributes, keys, 'gen_ai.evaluation.score.value'),
            TRY_CAST(text_at(attributes, keys, 'gen_ai.evaluation.score.value') AS DOUBLE),
            CAST(flag_at(attributes, keys, 'gen_ai.evaluation.score.value') AS DOUBLE)
        ) AS score,
        text_at(attributes, keys, 'gen_ai.evaluation.score.label') AS label,
        text_at(attributes, keys, 'gen_ai.evaluation.explanation') AS explanation,
        coalesce(TRY_CAST(time_ns AS BIGINT), end_ns) AS time_ns
    FROM (
        SELECT told.time_ns, told.attributes, keys_of(told.attributes) AS keys, about.node_id, about.attempt, about.end_ns
        FROM told JOIN about USING (trace_id, span_id)
    )
);

-- The scores that count, about the spans that meet a condition: the newest of a node under a name; of two of one time the
-- better, whichever came first. What happened can be left out as well, as of `evaluations_where`. What is no number from 0 to 1 is no score: NaN is larger than every threshold to DuckDB,
-- and 5 may be the best or the worst.
CREATE OR REPLACE MACRO scores_where(condition, happened := true) AS TABLE
    SELECT node_id, name, arg_max(verdict, (coalesce(attempt, 0), time_ns, verdict)) AS score
    FROM evaluations_where(happened, condition)
    WHERE verdict IS NOT NULL
    GROUP BY node_id, name;

-- Whether a score says that the answer was right.
CREATE OR REPLACE MACRO is_right(score) AS score >= 0.5;
