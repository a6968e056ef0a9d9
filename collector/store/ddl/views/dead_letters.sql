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
