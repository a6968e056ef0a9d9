-- What attributes of some spans hold; of all of their names, or of those that a pattern finds. Texts apart from the rest:
-- a conversation is told in a hundred thousand of them.
WITH chosen AS (
    SELECT
        trace_id, span_id,
        list_filter(attributes, lambda a: $pattern IS NULL OR regexp_matches(a."key", $pattern)) AS attributes
    FROM spans
    WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans))
)
SELECT
    trace_id, span_id,
    list_transform(
        list_filter(attributes, lambda a: a."value".string_value IS NOT NULL), lambda a: a."key"
    ) AS names,
    list_transform(
        list_filter(attributes, lambda a: a."value".string_value IS NOT NULL),
        lambda a: cut(a."value".string_value, $room::BIGINT)
    ) AS texts,
    bounded_attributes(
        list_filter(attributes, lambda a: a."value".string_value IS NULL), $room::BIGINT
    ) AS others
FROM chosen
