-- The runs whose spans meet a condition: one row a run, in its latest life. One that failed may be resumed, and then ends
-- once more in each further life; nothing tells of the resumption itself, but that steps go on: an attempt follows the
-- one that failed the run, or hangs below no end that is known and began after the last of them. Without an outcome a
-- run still goes on. The condition names columns of `spans`, and has to choose all spans of a run or none.
CREATE OR REPLACE MACRO runs_where(condition) AS TABLE
    WITH accepted AS (
        SELECT
            node_id AS run_id,
            coalesce(any_value(workflow), '') AS workflow,
            coalesce(any_value(service) FILTER (WHERE outcome IS NULL), any_value(service)) AS service,
            any_value(run_version) AS version,
            any_value(subject) AS subject,
            any_value(correlation_id) AS correlation_id,
            coalesce(any_value(input_keys), []) AS input_keys,
            min(start_ns) AS start_ns
        FROM spans
        WHERE node_kind = 'run' AND condition
        GROUP BY node_id
    ),
    ends AS MATERIALIZED (
        SELECT
            node_id AS run_id, span_id AS end_span, coalesce(attempt, 1) AS ended_life, outcome AS ended_as,
            step AS failed_step, step_place AS failed_place, start_ns AS begun_ns, end_ns AS ended_ns
        FROM spans
        WHERE node_kind = 'run' AND outcome IS NOT NULL AND condition
    ),
    latest AS MATERIALIZED (
        SELECT * FROM ends QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY ended_life DESC) = 1
    ),
    tries AS MATERIALIZED (
        SELECT run_id, node_id, attempt, outcome, running, parent_span_id, start_ns
        FROM records
        WHERE node_kind = 'step' AND run_id IN (SELECT run_id FROM latest WHERE ended_as = 'failed')
    ),
    failing AS (
        SELECT tries.node_id, max(attempt) AS attempt
        FROM tries JOIN latest ON latest.run_id = tries.run_id AND latest.end_span = tries.parent_span_id
        WHERE outcome = 'failed'
        GROUP BY tries.node_id
    ),
    again AS (
        SELECT tries.run_id, min(tries.start_ns) AS again_ns
        FROM tries JOIN latest USING (run_id) LEFT JOIN failing USING (node_id)
        WHERE tries.attempt > failing.attempt
            OR (
                NOT running AND tries.start_ns > ended_ns AND parent_span_id IS NOT NULL
                AND parent_span_id NOT IN (SELECT end_span FROM ends)
            )
        GROUP BY tries.run_id
    )
    SELECT
        accepted.*,
        coalesce(ended_life, 1) + CAST(again_ns IS NOT NULL AS INTEGER) AS life,
        again_ns IS NOT NULL AS is_resumed,
        coalesce(again_ns, begun_ns, start_ns) AS begun_ns,
        CASE WHEN again_ns IS NULL THEN ended_as END AS outcome,
        CASE WHEN again_ns IS NULL THEN failed_step END AS failed_step,
        CASE WHEN again_ns IS NULL THEN failed_place END AS failed_place,
        CASE WHEN again_ns IS NULL THEN ended_ns END AS end_ns
    FROM accepted LEFT JOIN latest USING (run_id) LEFT JOIN again USING (run_id);
