-- What attributes of some spans hold; of all of their names, or of those that begin as the likeliest ones or that a pattern
-- finds. Texts apart from the rest, each behind the one before and a character that hardly any text has: a conversation is
-- told in half a million of them. Where some do, which shows in how often it stands in each, they are asked for
-- `with_marks`: that character is another one there.
WITH chosen AS (
    SELECT
        trace_id, span_id,
        list_filter(
            attributes,
            lambda a: $pattern IS NULL OR starts_with(a."key", $likely) OR starts_with(a."key", $likely_too)
            OR regexp_matches(a."key", $pattern)
        ) AS attributes
    FROM spans
    WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans))
)
SELECT
    trace_id, span_id,
    array_to_string(
        list_transform(
            attributes,
            lambda a: CASE
                WHEN a."value".string_value IS NULL THEN NULL
                WHEN $with_marks THEN replace(a."key", chr(0), chr(9216))
                ELSE a."key"
            END
        ),
        chr(0)
    ) AS names,
    array_to_string(
        list_transform(
            attributes,
            lambda a: CASE
                WHEN $with_marks THEN replace(cut(a."value".string_value, $room::BIGINT), chr(0), chr(9216))
                WHEN strlen(a."value".string_value) > $room::BIGINT THEN cut(a."value".string_value, $room::BIGINT)
                ELSE a."value".string_value
            END
        ),
        chr(0)
    ) AS texts,
    bounded_attributes(
        list_filter(attributes, lambda a: a."value".string_value IS NULL), $room::BIGINT
    ) AS others
FROM chosen
