-- Dead letters as spans tell of them, and the kind of what settled each. The live bus knows better, this is history.
CREATE OR REPLACE VIEW dead_letters AS
WITH settled AS (
    SELECT dead_letter_id, arg_min(node_kind, start_ns) AS settled_by
    FROM spans
    WHERE node_kind IN ('replay', 'discard') AND dead_letter_id IS NOT NULL
    GROUP BY dead_letter_id
),
letters AS (
    SELECT node_id AS dead_letter_id, any_value(causation_id) AS delivery_id
    FROM spans
    WHERE node_kind = 'dead_letter'
    GROUP BY node_id
)
FROM letters LEFT JOIN settled USING (dead_letter_id);
