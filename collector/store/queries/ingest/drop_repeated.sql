-- What is stored already, is not shown, or is a marker that came before.
DELETE FROM staged
WHERE row IN (FROM incoming_suspects)
    AND CASE
        WHEN is_pending THEN
            (trace_id, span_id) IN (SELECT (trace_id, span_id) FROM pending)
            OR row > (
                SELECT min(first.row) FROM staged AS first
                WHERE first.is_pending AND first.trace_id = staged.trace_id AND first.span_id = staged.span_id
            )
        ELSE row NOT IN (SELECT row FROM contested WHERE place = 1 AND origin = 2)
    END
