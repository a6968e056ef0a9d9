-- The dead letters whose spans meet a condition, as these tell of them, and the kind of what settled each; mostly those of
-- some deliveries, by `causation_id`. The live bus knows better, this is history.
CREATE OR REPLACE MACRO letters_where(condition) AS TABLE
    WITH letters AS MATERIALIZED (
        SELECT node_id AS dead_letter_id, any_value(causation_id) AS delivery_id
        FROM spans
        WHERE node_kind = 'dead_letter' AND condition
        GROUP BY node_id
    ),
    settled AS (
        SELECT dead_letter_id, arg_min(node_kind, start_ns) AS settled_by
        FROM spans
        WHERE node_kind IN ('replay', 'discard') AND dead_letter_id IS NOT NULL -- most blocks hold none
            AND dead_letter_id IN (SELECT dead_letter_id FROM letters)
        GROUP BY dead_letter_id
    )
    FROM letters LEFT JOIN settled USING (dead_letter_id);

-- The deliveries whose records meet a condition, as `work_where` has them, with what settled the dead letter of one that gave
-- up. No end of a run decides these: to plan what looks for such took as long as all the rest.
CREATE OR REPLACE MACRO deliveries_where(condition) AS TABLE
    WITH tried AS MATERIALIZED (FROM tried_where(node_kind = 'delivery' AND condition))
    SELECT
        tried.* EXCLUDE (is_open) REPLACE (fate_of(outcome, dead_letter_id IS NOT NULL, NULL, NULL, NULL) AS outcome),
        is_open AND dead_letter_id IS NULL AS running,
        settled_by
    FROM tried
    LEFT JOIN letters_where(causation_id IN (SELECT node_id FROM tried)) AS letters ON letters.delivery_id = tried.node_id;
