-- The name of the event that a log record says it is; NULL where it says none.
CREATE OR REPLACE MACRO said_event(event_name, attributes) AS
    coalesce(nullif(event_name, ''), text_at(attributes, keys_of(attributes), 'event.name'));
CREATE OR REPLACE MACRO tells_evaluation(event_name, attributes) AS
    coalesce(said_event(event_name, attributes) = 'gen_ai.evaluation.result', false);

-- What happened within a span: its events, and the log records that name it. OpenTelemetry moves events from spans to
-- logs; an evaluation or an exception is the same whichever way it came.
CREATE OR REPLACE VIEW happenings AS
SELECT trace_id, span_id, position, time_ns, name, attributes
FROM span_events
UNION ALL BY NAME
SELECT
    trace_id,
    span_id,
    log_time(time_ns, observed_ns) AS position,
    CAST(log_time(time_ns, observed_ns) AS UBIGINT) AS time_ns,
    coalesce(
        said_event(event_name, attributes),
        CASE WHEN list_has_any(keys_of(attributes), ['exception.type', 'exception.message']) THEN 'exception' END,
        ''
    ) AS name,
    attributes
FROM logs
WHERE span_id IS NOT NULL;
