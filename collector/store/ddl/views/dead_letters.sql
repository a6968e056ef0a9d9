-- Dead letters as spans tell of them; what became of each. The live bus knows better, this is history.
CREATE OR REPLACE VIEW dead_letters AS
WITH settled AS (
    SELECT dead_letter_id, arg_min(node_kind, start_ns) AS settled_by, arg_min(operator, start_ns) AS operator
    FROM spans
    WHERE node_kind IN ('replay', 'discard') AND dead_letter_id IS NOT NULL
    GROUP BY dead_letter_id
),
letters AS (
    SELECT
        node_id AS dead_letter_id,
        any_value(channel) AS channel,
        any_value(consumer_group) AS consumer_group,
        any_value(event_id) AS event_id,
        any_value(round) AS round,
        any_value(reason) AS reason,
        any_value(attempts) AS attempts,
        any_value(subject) AS subject,
        any_value(correlation_id) AS correlation_id,
        any_value(causation_id) AS delivery_id,
        min(start_ns) AS start_ns
    FROM spans
    WHERE node_kind = 'dead_letter'
    GROUP BY node_id
)
SELECT letters.*, settled.settled_by, settled.operator
FROM letters LEFT JOIN settled USING (dead_letter_id);
