-- The beginning of what some spans of others say that they were given and returned, in whichever attributes.
SELECT
    span_id,
    bounded_attributes(
        list_filter(attributes, lambda a: list_contains($names, a."key")), $excerpt::BIGINT
    ) AS said
FROM spans
WHERE trace_id = $trace AND span_id IN (SELECT unnest($spans::UBIGINT[])) AND stored_us BETWEEN $since_us AND $until_us
