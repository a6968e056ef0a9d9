-- What the calls of some sessions, or within some runs of ours, used and cost. Prices are the table `rates`.
SELECT
    CASE WHEN $sessions IS NULL THEN CAST(run_id AS VARCHAR) ELSE session_id END AS key,
    $sessions IS NULL AND is_of_child AS is_of_child,
    count(*) FILTER (WHERE is_call) AS calls,
    count(*) FILTER (WHERE is_call AND coalesce(input_tokens, output_tokens, undivided_tokens) IS NULL) AS unreported,
    sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens,
    sum(cache_read_tokens)::BIGINT AS cache_read_tokens,
    sum(cache_write_tokens)::BIGINT AS cache_write_tokens,
    sum(reasoning_tokens)::BIGINT AS reasoning_tokens,
    sum(undivided_tokens)::BIGINT AS undivided_tokens,
    sum(usd) AS cost_usd,
    count(*) FILTER (WHERE usd IS NULL) AS unpriced,
    count(*) FILTER (WHERE usd IS NOT NULL AND NOT is_reported AND may_be_more) AS at_least,
    count(*) FILTER (WHERE is_reported) AS reported
FROM priced_calls(
    trace_id IN (
        SELECT trace_id FROM spans
        WHERE session_id IN (SELECT unnest($sessions::VARCHAR[])) OR run_id IN (SELECT unnest($runs::UUID[]))
    ),
    'rates'
)
WHERE is_spending
GROUP BY ALL
