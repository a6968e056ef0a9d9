-- Keeps the nodes of one step, as all else that its page shows is asked of them, for as long as the snapshot is open.
CREATE TEMP TABLE step_nodes AS
SELECT node_id, start_ns, outcome, attempts FROM work_begun($known_us, $first_ns, $end_ns, $kind, $workflow, $step)
WHERE outcome IS DISTINCT FROM 'skipped'
