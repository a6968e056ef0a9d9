-- What there is that edges may come of: to look takes less than to ask for edges that are not there.
SELECT
    -- What a trace of its own may have gone on with.
    EXISTS (FROM spans WHERE outcome = 'waiting' AND role IN ('step', 'tool'))
        OR EXISTS (FROM spans WHERE operation = 'execute_task' AND role = 'step' AND parent_span_id IS NULL) AS apart,
    -- Who takes messages, of what is foreign: as `takes_messages` says, in a third of the time.
    EXISTS (FROM spans WHERE kind = 5 AND node_kind = 'span')
        OR EXISTS (FROM spans WHERE operation IN ('receive', 'process', 'deliver', 'settle') AND node_kind = 'span')
        AS messages
