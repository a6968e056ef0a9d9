-- What there is of a trace beside its spans: to ask for what is not there takes several times as long.
SELECT
    EXISTS (FROM span_events WHERE trace_id = $id) OR EXISTS (FROM logs WHERE trace_id = $id) AS events,
    EXISTS (FROM span_links WHERE trace_id = $id) AS links,
    EXISTS (FROM superseded WHERE trace_id = $id) AS superseded
