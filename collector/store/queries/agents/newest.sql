-- Since when about so many spans of others began, of those of a page and after it: in most stores those hold the page.
SELECT min(start_ns) AS first_ns
FROM (
    SELECT start_ns FROM spans
    WHERE node_kind = 'span' AND start_ns >= $first_ns AND start_ns < $end_ns AND start_ns <= $before_ns
    ORDER BY start_ns DESC
    LIMIT $most
)
