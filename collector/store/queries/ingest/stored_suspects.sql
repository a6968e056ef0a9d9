-- Spans of a batch that are stored already. A filter that takes a new span for one that came before costs no more than
-- this look. All spans of their traces were stored within a stretch of time, anywhere where none is known, or are none.
SELECT i."row" FROM incoming_suspects AS i SEMI JOIN pending USING (trace_id, span_id)
--[$is_within
UNION
SELECT i."row"
FROM incoming_suspects AS i SEMI JOIN spans AS s
    ON s.trace_id = i.trace_id AND s.span_id = i.span_id AND s.stored_us BETWEEN $since_us AND $until_us
--]
--[$is_anywhere
UNION
SELECT i."row" FROM incoming_suspects AS i SEMI JOIN spans USING (trace_id, span_id)
--]
