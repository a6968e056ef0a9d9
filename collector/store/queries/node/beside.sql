-- Whether anything is told beside some spans: of their traces by log records, and of themselves by scores as events. To ask
-- for what is not there takes ten times as long.
SELECT
    EXISTS (FROM logs WHERE trace_id IN (SELECT unnest($traces))) AS logs,
    EXISTS (
        FROM span_events
        WHERE name = 'gen_ai.evaluation.result'
            AND trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans::UBIGINT[]))
    ) AS scores
