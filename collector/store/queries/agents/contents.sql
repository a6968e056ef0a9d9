-- What attributes of some spans hold; of all of their names, or of those at least that a pattern finds: where there are
-- many, most are wanted, and to look at each takes longer than to take all. Texts apart from the rest, each behind the one
-- before and a character that hardly any text has: a conversation is told in half a million of them. Where some do, which
-- shows in how often it stands in each, they are asked for `with_marks`: that character is another one there. Which rows
-- they are is found first: attributes of all others would be read with them.
WITH chosen AS (
    SELECT
        trace_id, span_id,
        CASE
            WHEN $pattern IS NULL OR len(attributes) > 100 THEN attributes
            ELSE list_filter(attributes, lambda a: regexp_matches(a."key", $pattern))
        END AS attributes
    FROM spans
    WHERE rowid IN (
        SELECT rowid FROM spans
        WHERE trace_id IN (SELECT unnest($traces)) AND span_id IN (SELECT unnest($spans))
            AND stored_us BETWEEN $since_us AND $until_us
    )
)
SELECT
    trace_id, span_id,
    array_to_string(
        list_transform(
            attributes,
            lambda a: CASE
                WHEN a.kind <> 1 THEN NULL
                --[$with_marks
                WHEN true THEN replace(a."key", chr(0), chr(9216))
                --]
                ELSE a."key"
            END
        ),
        chr(0)
    ) AS names,
    array_to_string(
        list_transform(
            attributes,
            lambda a: CASE
                WHEN a.kind <> 1 THEN NULL
                --[$with_marks
                WHEN true THEN replace(cut(a."text", $room::BIGINT), chr(0), chr(9216))
                --]
                WHEN strlen(a."text") > $room::BIGINT THEN cut(a."text", $room::BIGINT)
                ELSE a."text"
            END
        ),
        chr(0)
    ) AS texts,
    bounded_attributes(
        list_filter(
            attributes,
            lambda a: a.kind <> 1 AND ($pattern IS NULL OR regexp_matches(a."key", $pattern))
        ),
        $room::BIGINT
    ) AS others
FROM chosen
