-- The traces whose calls of a range of time may be others by what was stored since a time: something was stored of them,
-- or of the trace in which one of their calls counts, or of another one a call with the same answer. Known are the calls
-- `known_rows`, and the traces `known_traces` that they depend on.
WITH stored AS MATERIALIZED (
    SELECT
        CAST(trace_id AS BLOB) AS id, start_ns, end_ns, nullif(work.response_id, '') AS answer_id, is_paid(role) AS is_call,
        start_ns >= $first_ns AND start_ns < $end_ns AND (is_detail(role) OR tells_tokens(work)) AS is_new
    FROM spans
    WHERE stored_us > $since_us
),
answered AS MATERIALIZED (
    SELECT id, hash(answer_id) AS answer, start_ns, end_ns FROM stored
    WHERE is_call AND answer_id IS NOT NULL
)
SELECT id FROM stored WHERE is_new OR id IN (SELECT id FROM known_traces)
UNION
SELECT trace_id FROM known_rows WHERE counted_in IN (SELECT id FROM stored)
UNION
SELECT known_rows.trace_id FROM known_rows JOIN answered USING (answer)
WHERE answered.id <> known_rows.trace_id AND answered.start_ns <= known_rows.start_ns
    AND (answered.end_ns > known_rows.start_ns OR answered.start_ns = known_rows.start_ns)
LIMIT $most
