-- The traces in which a search may find runs of others.
SELECT DISTINCT trace_id AS id FROM traces_of_others_found($ids, $span_ids, $halves, $literal, $pattern)
LIMIT $most
