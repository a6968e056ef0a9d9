-- What the calls of the table `found_calls` used and cost, by session or by run of ours. Prices are the table `rates`.
SELECT
    CASE WHEN $by_run THEN CAST(uuid_of(run_id) AS VARCHAR) ELSE session_id END AS key,
    $by_run AND is_of_child AS is_of_child,
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
FROM priced_calls('found_calls', 'rates')
WHERE is_spending
GROUP BY ALL
