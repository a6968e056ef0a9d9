-- Spans that came more than once with different content; of those, how many had ended each time.
SELECT coalesce(sum(spans), 0)::BIGINT AS replaced, coalesce(sum(spans) FILTER (WHERE ended), 0)::BIGINT AS contradicting
FROM replacements
WHERE at_ns >= $first_ns
