-- How the calls of the table `found_calls` do, by what `$by` names, of those that fit patterns. Prices are the table `rates`, scores
-- the table `judged_calls`. The first row is of all together.
WITH told AS (
    SELECT
        * REPLACE (uuid_of(node_id) AS node_id),
        coalesce(nullif(nullif(response_model, ''), 'unknown'), nullif(nullif(model, ''), 'unknown'), '') AS model_name,
        CASE $by
            WHEN 'model' THEN model_name
            WHEN 'agent' THEN agent
            WHEN 'tool' THEN tool
            WHEN 'app' THEN app
            WHEN 'user' THEN coalesce(user_id, '')
            WHEN 'session' THEN coalesce(session_id, '')
            WHEN 'run' THEN coalesce(CAST(uuid_of(run_id) AS VARCHAR), '')
            WHEN 'bucket' THEN CAST((start_ns - $first_ns) // $bucket_ns AS VARCHAR)
            ELSE strftime(make_timestamp(start_ns // 1000), '%Y-%m-%d')
        END AS key,
        CASE WHEN $by = 'tool' THEN role NOT IN ('model', 'embedding', 'evaluator') ELSE is_call END AS is_counted
    FROM priced_calls('found_calls', 'rates')
    WHERE start_ns >= $first_ns AND start_ns < $end_ns
        AND fits(app, $app) AND fits(agent, $agent) AND fits(session_id, $session) AND fits(user_id, $user)
        AND (fits(model, $model) OR fits(response_model, $model))
        AND CASE WHEN $by = 'tool' THEN is_detail(role) AND NOT is_call AND role <> 'evaluator'
        ELSE is_call OR input_tokens IS NOT NULL OR role = 'tool' END
),
grouped AS (
    SELECT
        is_total,
        CASE WHEN is_total = 0 THEN key END AS name,
        CASE WHEN is_total = 0 AND $per_app THEN app END AS of_app,
        count(*) FILTER (WHERE is_counted) AS calls,
        count(*) FILTER (WHERE is_counted AND is_failed) AS errors,
        count(*) FILTER (WHERE role = 'tool') AS tool_calls,
        count(*) FILTER (WHERE is_call AND coalesce(input_tokens, output_tokens, undivided_tokens) IS NULL) AS unreported,
        sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cache_read_tokens) FILTER (WHERE is_spending) AS cache_read_tokens,
        sum(cache_write_tokens) FILTER (WHERE is_spending) AS cache_write_tokens,
        sum(reasoning_tokens) FILTER (WHERE is_spending) AS reasoning_tokens,
        sum(undivided_tokens) FILTER (WHERE is_spending) AS undivided_tokens,
        sum(usd) FILTER (WHERE is_spending) AS cost_usd,
        count(*) FILTER (WHERE is_spending AND usd IS NULL) AS unpriced,
        count(*) FILTER (WHERE is_spending AND usd IS NOT NULL AND NOT is_reported AND may_be_more) AS at_least,
        count(*) FILTER (WHERE is_spending AND is_reported) AS reported,
        --[$with_details
        list_sort(list(DISTINCT model_name) FILTER (WHERE is_spending AND usd IS NULL AND input_tokens IS NOT NULL))
        AS unpriced_models,
        quantile_cont(duration_ms, [0.5, 0.95]) FILTER (WHERE is_counted AND duration_ms IS NOT NULL) AS latency,
        quantile_cont(first_chunk_ms, 0.95) FILTER (WHERE is_counted AND first_chunk_ms IS NOT NULL) AS first_chunk_p95_ms,
        list_sort(list(DISTINCT provider) FILTER (WHERE provider IS NOT NULL AND is_counted)) AS providers,
        --]
        --[$without_details
        CAST(NULL AS VARCHAR[]) AS unpriced_models,
        CAST(NULL AS DOUBLE[]) AS latency,
        CAST(NULL AS DOUBLE) AS first_chunk_p95_ms,
        CAST(NULL AS VARCHAR[]) AS providers,
        --]
        any_value(app) AS some_app,
        any_value(agent) AS some_agent,
        any_value(model_name) AS some_model,
        any_value(session_id) AS some_session,
        any_value(user_id) AS some_user,
        max(start_ns) AS latest_ns
    -- Each call twice: GROUPING SETS keep all of them meanwhile, 120 MiB of half a million. There is a row of all together
    -- where there are no calls.
    FROM (
        SELECT *, unnest([0, 1]) AS is_total FROM told
        UNION ALL BY NAME
        SELECT 1 AS is_total
    )
    GROUP BY ALL
),
--[$with_scores
by_name AS (
    SELECT
        0 AS is_total, told.key AS name, CASE WHEN $per_app THEN app END AS of_app, given.name AS score, count(*) AS scored,
        count(*) FILTER (WHERE is_right(given.score)) AS correct
    FROM judged_calls AS given JOIN told ON told.node_id = CAST(given.node_id AS UUID)
    GROUP BY ALL
),
--]
by_score AS (
    --[$with_scores
    SELECT
        is_total, name, of_app, list(struct_pack(name := score, scored := scored, correct := correct) ORDER BY score) AS scores
    FROM by_name GROUP BY ALL
    --]
    --[$without_scores
    SELECT 0 AS is_total, '' AS name, '' AS of_app, [] AS scores WHERE false
    --]
)
SELECT
    grouped.*,
    coalesce(scores, []) AS scores,
    count(*) OVER () - 1 AS groups,
    CASE $sort
        WHEN 'calls' THEN calls
        WHEN 'errors' THEN errors
        WHEN 'error_rate' THEN errors / nullif(calls, 0)
        WHEN 'tokens' THEN coalesce(input_tokens + output_tokens, input_tokens, output_tokens)
        WHEN 'input_tokens' THEN input_tokens
        WHEN 'output_tokens' THEN output_tokens
        WHEN 'cache_read_tokens' THEN cache_read_tokens
        WHEN 'reasoning_tokens' THEN reasoning_tokens
        WHEN 'cost' THEN cost_usd
        WHEN 'unpriced' THEN unpriced
        WHEN 'p50' THEN latency[1]
        WHEN 'p95' THEN latency[2]
        WHEN 'first_chunk' THEN first_chunk_p95_ms
        WHEN 'latest' THEN latest_ns
    END AS sorted_by
FROM grouped LEFT JOIN by_score
    ON by_score.name = grouped.name AND by_score.of_app IS NOT DISTINCT FROM grouped.of_app AND grouped.is_total = 0
WHERE grouped.is_total = 1 OR calls > 0 OR input_tokens IS NOT NULL
ORDER BY
    grouped.is_total DESC,
    CASE WHEN $descending THEN -sorted_by ELSE sorted_by END NULLS LAST,
    CASE WHEN $sort = 'name' AND $descending THEN grouped.name END DESC,
    grouped.name,
    grouped.of_app
LIMIT $most + 1
