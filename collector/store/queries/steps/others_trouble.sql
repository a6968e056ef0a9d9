-- Whether some step of agents of others failed in a range of time, or anything of theirs was judged in it.
WITH theirs AS (
    SELECT trace_id, span_id, has_failed(node_kind, status_code, outcome) AS is_failed FROM spans
    WHERE start_ns >= $first_ns AND start_ns < $end_ns AND role IN ('agent', 'workflow', 'step')
)
SELECT
    EXISTS (FROM theirs WHERE is_failed)
    OR EXISTS (
        FROM span_events SEMI JOIN theirs USING (trace_id, span_id) WHERE span_events.name = 'gen_ai.evaluation.result'
    )
    OR EXISTS (FROM logs SEMI JOIN theirs USING (trace_id, span_id) WHERE logs.event_name = 'gen_ai.evaluation.result')
    AS has_trouble
