-- Spans of a batch that are stored already. A filter that takes a new span for one that came before costs no more than
-- this look.
SELECT i."row" FROM incoming_suspects AS i SEMI JOIN spans USING (trace_id, span_id)
UNION
SELECT i."row" FROM incoming_suspects AS i SEMI JOIN pending USING (trace_id, span_id)
