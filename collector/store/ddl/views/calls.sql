-- All spans, also where `spans` are those of some traces (`collector/store/narrowing.py`).
CREATE OR REPLACE VIEW every_span AS FROM spans;

-- Calls of models and tools that count, of the spans that meet a condition: each token once, by the rules of
-- `collector/agents/usage.py`, of which this is the same in SQL. Of calls within each other the innermost counts, unless a
-- tool or an agent lies between; a container's tokens count where nothing below it tells of any (`is_call` is false then);
-- of a call that two instrumentations saw, one. Whose a call is, it says itself, else the nearest span above that says it.
-- Of which run it is, our own spans above it say, else it is of the topmost span that plays a part; `is_of_child` where a
-- step of ours started an agent of others in which it lies. Rules look at whole traces; `near` is a condition that all of
-- their spans meet, such as when they were stored, by which all others are left out. A call of which another trace tells is
-- there with that trace as `counted_in`, and does not count: who remembers calls has to know what they depend on. `answer` is a
-- number for the id of the answer of a call of which another trace might tell.
-- Whether a text fits one of some patterns; where there are none, any does.
CREATE OR REPLACE MACRO fits(said, patterns) AS patterns IS NULL OR len(
    list_filter(CAST(patterns AS VARCHAR[]), lambda each: coalesce(said, '') GLOB each)
) > 0;
CREATE OR REPLACE MACRO is_paid(role) AS coalesce(role IN ('model', 'embedding'), false);
CREATE OR REPLACE MACRO is_detail(role) AS
    coalesce(role IN ('model', 'embedding', 'tool', 'retriever', 'guardrail', 'evaluator'), false);
CREATE OR REPLACE MACRO is_apart(role) AS coalesce(role IN ('tool', 'agent', 'workflow'), false);
CREATE OR REPLACE MACRO tells_tokens(work) AS
    coalesce(work.input_tokens, work.output_tokens, work.total_tokens) IS NOT NULL;
-- Tokens that were cached but are not in the input that is told, and reasoning that is not in the output: by the total.
CREATE OR REPLACE MACRO cached_apart(work) AS CASE
    WHEN work.input_tokens IS NULL OR work.output_tokens IS NULL THEN 0
    WHEN coalesce(work.cache_read_tokens, 0) + coalesce(work.cache_write_tokens, 0) > work.input_tokens
        OR (
            work.input_tokens + work.output_tokens <> work.total_tokens
            AND work.input_tokens + work.output_tokens + coalesce(work.cache_read_tokens, 0)
            + coalesce(work.cache_write_tokens, 0) = work.total_tokens
        ) THEN coalesce(work.cache_read_tokens, 0) + coalesce(work.cache_write_tokens, 0)
    ELSE 0
END;
CREATE OR REPLACE MACRO thought_apart(work) AS CASE
    WHEN work.input_tokens IS NULL OR work.output_tokens IS NULL OR cached_apart(work) > 0 THEN 0
    WHEN work.total_tokens IS NULL AND work.reasoning_tokens > work.output_tokens THEN work.reasoning_tokens
    WHEN work.input_tokens + work.output_tokens <> work.total_tokens
        AND work.input_tokens + work.output_tokens + work.reasoning_tokens = work.total_tokens THEN work.reasoning_tokens
    ELSE 0
END;
-- The name of a model without the date of its release: of one call, one span has what was asked for, one what answered.
CREATE OR REPLACE MACRO without_release(model) AS regexp_replace(model, '-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$', '');
CREATE OR REPLACE MACRO calls_where(condition, near) AS TABLE
    WITH RECURSIVE chosen AS MATERIALIZED (
        SELECT DISTINCT trace_id FROM spans WHERE (is_detail(role) OR tells_tokens(work)) AND condition AND near
    ),
    -- Little of each span, for all of them are walked; the rest is read of those that are found.
    found AS MATERIALIZED (
        SELECT
            trace_id, span_id, parent_span_id, node_id, role, start_ns, run_id, scope_id,
            coalesce(nullif(agent, ''), CASE WHEN role = 'agent' AND lower(operation) = 'agent' THEN nullif(step, '') END)
                AS agent,
            nullif(session_id, '') AS session_id, nullif(user_id, '') AS user_id,
            nullif(work.response_id, '') AS answer_id,
            CASE WHEN role = 'tool' THEN coalesce(work.tool, step, name) END AS tool, tells_tokens(work) AS tells,
            (is_detail(role) OR work.input_tokens IS NOT NULL)
            AND coalesce(outcome NOT IN ('recorded', 'parked'), true) AS may_be_call, -- of ours: nothing was called
            role = 'tool' AND scope_id IN (SELECT ours.scope_id FROM scopes AS ours WHERE ours.name = 'causeline') AS is_ours,
            condition AS is_meant
        FROM spans WHERE trace_id IN (SELECT trace_id FROM chosen) AND near
    ),
    -- Spans that are each other's parents, as no sound program sends, have none.
    around AS MATERIALIZED (
        SELECT found.* REPLACE (
            CASE
                WHEN found.parent_span_id <> found.span_id AND above.span_id IS NULL THEN found.parent_span_id
            END AS parent_span_id
        )
        FROM found LEFT JOIN found AS above
            ON above.trace_id = found.trace_id AND above.span_id = found.parent_span_id
            AND above.parent_span_id = found.span_id
    ),
    told AS (
        SELECT
            trace_id, span_id, agent, session_id, user_id, run_id, CASE WHEN role IS NOT NULL THEN node_id END AS top_id,
            role AS top_role, 0 AS depth
        FROM around ANTI JOIN (SELECT trace_id, span_id AS parent_span_id FROM around) AS above
            USING (trace_id, parent_span_id)
        UNION ALL
        SELECT
            below.trace_id, below.span_id, coalesce(below.agent, told.agent),
            coalesce(below.session_id, told.session_id), coalesce(below.user_id, told.user_id),
            coalesce(below.run_id, told.run_id),
            coalesce(top_id, CASE WHEN below.role IS NOT NULL THEN below.node_id END), coalesce(top_role, below.role),
            depth + 1
        FROM told JOIN around AS below ON below.trace_id = told.trace_id AND below.parent_span_id = told.span_id
        WHERE depth < 1000
    ),
    counting AS (
        SELECT trace_id, parent_span_id AS at_id, is_paid(role) AS calls, tells
        FROM around WHERE parent_span_id IS NOT NULL AND (is_detail(role) OR tells)
        UNION
        SELECT counting.trace_id, above.parent_span_id, calls AND NOT is_apart(above.role), counting.tells
        FROM counting JOIN around AS above ON above.trace_id = counting.trace_id AND above.span_id = at_id
        WHERE above.parent_span_id IS NOT NULL
    ),
    reported AS (
        SELECT DISTINCT around.trace_id, span_id
        FROM around JOIN counting ON counting.trace_id = around.trace_id AND at_id = span_id
        WHERE CASE WHEN is_paid(role) THEN calls ELSE counting.tells AND NOT is_detail(role) END
    ),
    -- Recorded calls of ours whose author says what they cost, where what lies below them says so, too.
    told_below AS (
        SELECT DISTINCT around.trace_id, span_id
        FROM around JOIN counting ON counting.trace_id = around.trace_id AND at_id = span_id
        WHERE is_ours AND around.tells AND counting.tells
    ),
    sessions AS (
        SELECT
            trace_id, min_by(session_id, start_ns) AS session_id, min_by(user_id, start_ns) AS user_id
        FROM around WHERE session_id IS NOT NULL OR user_id IS NOT NULL GROUP BY trace_id
    ),
    counted AS MATERIALIZED (
        SELECT trace_id, span_id, role, scope_id, answer_id, tells, is_meant, is_ours
        FROM around ANTI JOIN reported USING (trace_id, span_id)
        WHERE may_be_call
    ),
    -- Calls of models of traces in which several instrumentations tell of such, as `collector/agents/duplicates.py` pairs
    -- them: the first that one tells of with the first of another, among those with one answer's id, and among those of
    -- one model with the same tokens that go on at once.
    told_calls AS MATERIALIZED (
        SELECT
            trace_id, span_id, spans.start_ns, greatest(coalesce(end_ns, 0), spans.start_ns) AS end_ns, answer_id, tells,
            without_release(coalesce(nullif(work.response_model, ''), work.model)) AS same_model,
            work.input_tokens + cached_apart(work) AS input_tokens, work.output_tokens + thought_apart(work) AS output_tokens,
            CASE
                WHEN work.input_tokens IS NULL AND work.output_tokens IS NULL THEN work.total_tokens
            END AS total_alone, coalesce(scopes.name, '') AS scope
        FROM counted JOIN spans USING (trace_id, span_id) LEFT JOIN scopes ON scopes.scope_id = spans.scope_id
        WHERE near AND is_paid(counted.role) AND (tells OR answer_id IS NOT NULL) AND trace_id IN (
            SELECT trace_id FROM counted WHERE is_paid(role) GROUP BY trace_id HAVING min(scope_id) <> max(scope_id)
        )
    ),
    by_answer AS MATERIALIZED (
        SELECT
            *, row_number() OVER (PARTITION BY trace_id, answer_id, scope ORDER BY start_ns, span_id) AS rank
        FROM told_calls WHERE answer_id IS NOT NULL
    ),
    with_ends AS (
        SELECT *, max(end_ns) OVER (
            PARTITION BY trace_id, same_model, input_tokens, output_tokens, total_alone ORDER BY start_ns, span_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until_ns
        FROM told_calls WHERE tells
    ),
    with_clusters AS (
        SELECT *, count(*) FILTER (WHERE start_ns > until_ns) OVER (
            PARTITION BY trace_id, same_model, input_tokens, output_tokens, total_alone ORDER BY start_ns, span_id
            ROWS UNBOUNDED PRECEDING
        ) AS cluster
        FROM with_ends
    ),
    by_tokens AS MATERIALIZED (
        SELECT *, row_number() OVER (
            PARTITION BY trace_id, same_model, input_tokens, output_tokens, total_alone, cluster, scope
            ORDER BY start_ns, span_id
        ) AS rank
        FROM with_clusters
    ),
    pairs AS MATERIALIZED (
        SELECT later.trace_id, later.span_id, earlier.span_id AS by_id
        FROM by_tokens AS later JOIN by_tokens AS earlier
            ON earlier.trace_id = later.trace_id
            AND earlier.same_model IS NOT DISTINCT FROM later.same_model
            AND earlier.input_tokens IS NOT DISTINCT FROM later.input_tokens
            AND earlier.output_tokens IS NOT DISTINCT FROM later.output_tokens
            AND earlier.total_alone IS NOT DISTINCT FROM later.total_alone
            AND earlier.cluster = later.cluster AND earlier.rank = later.rank
        WHERE earlier.scope <> later.scope
            AND (earlier.start_ns, earlier.span_id) < (later.start_ns, later.span_id)
            AND (earlier.end_ns > later.start_ns OR earlier.start_ns = later.start_ns)
            AND coalesce(earlier.answer_id = later.answer_id, true)
    ),
    -- What lies above them: an instrumentation that tells of two agents, tools or steps tells of two calls.
    above AS (
        SELECT trace_id, span_id AS call_id, parent_span_id AS at_id
        FROM around
        WHERE parent_span_id IS NOT NULL AND (trace_id, span_id) IN (
            SELECT (trace_id, span_id) FROM pairs UNION ALL SELECT (trace_id, by_id) FROM pairs
        )
        UNION
        SELECT above.trace_id, call_id, around.parent_span_id
        FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
        WHERE around.parent_span_id IS NOT NULL
    ),
    parts_above AS MATERIALIZED (
        SELECT above.trace_id, call_id, at_id, scope_id
        FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
        WHERE role IS NOT NULL
    ),
    sides AS (
        SELECT trace_id, span_id, by_id, span_id AS call_id, by_id AS other_id FROM pairs
        UNION ALL
        SELECT trace_id, span_id, by_id, by_id, span_id FROM pairs
    ),
    only_one AS (
        SELECT sides.trace_id, sides.span_id, by_id, sides.call_id, scope_id
        FROM sides JOIN parts_above AS parts ON parts.trace_id = sides.trace_id AND parts.call_id = sides.call_id
        ANTI JOIN parts_above AS others
            ON others.trace_id = sides.trace_id AND others.call_id = other_id AND others.at_id = parts.at_id
    ),
    told_apart AS (
        SELECT trace_id, span_id, by_id FROM only_one
        GROUP BY trace_id, span_id, by_id, scope_id HAVING min(call_id) <> max(call_id)
    ),
    tools AS MATERIALIZED (
        SELECT trace_id, span_id, parent_span_id, scope_id, tool FROM around
        WHERE role = 'tool' AND trace_id IN (
            SELECT trace_id FROM around WHERE role = 'tool' GROUP BY trace_id HAVING min(scope_id) <> max(scope_id)
        )
    ),
    -- Each up to the nearest span above it that plays a part.
    tools_within AS (
        SELECT trace_id, span_id, parent_span_id AS at_id FROM tools
        UNION
        SELECT tools_within.trace_id, tools_within.span_id, plain.parent_span_id
        FROM tools_within JOIN around AS plain ON plain.trace_id = tools_within.trace_id AND plain.span_id = at_id
        WHERE plain.role IS NULL
    ),
    -- Calls of which another trace tells in a span that began before, as `collector/agents/cross_trace_duplicates.py` finds them: one
    -- answer's id is enough where model, tokens and times agree.
    with_answers AS MATERIALIZED (
        SELECT
            trace_id, span_id, spans.start_ns, greatest(coalesce(end_ns, 0), spans.start_ns) AS end_ns, answer_id,
            without_release(coalesce(nullif(work.response_model, ''), work.model)) AS same_model,
            work.input_tokens + cached_apart(work) AS input_tokens, work.output_tokens + thought_apart(work) AS output_tokens,
            CASE
                WHEN work.input_tokens IS NULL AND work.output_tokens IS NULL THEN work.total_tokens
            END AS total_alone, coalesce(scopes.name, '') AS scope
        FROM counted JOIN spans USING (trace_id, span_id) LEFT JOIN scopes ON scopes.scope_id = spans.scope_id
        WHERE near AND is_paid(counted.role) AND tells AND answer_id IS NOT NULL
    ),
    elsewhere AS (
        SELECT later.trace_id, later.span_id, min(earlier.trace_id) AS counted_in
        FROM with_answers AS later
        JOIN every_span AS earlier ON earlier.work.response_id = later.answer_id AND is_paid(earlier.role)
        LEFT JOIN scopes ON scopes.scope_id = earlier.scope_id
        WHERE earlier.trace_id <> later.trace_id AND coalesce(scopes.name, '') <> later.scope
            AND (earlier.start_ns, earlier.trace_id, earlier.span_id) < (later.start_ns, later.trace_id, later.span_id)
            AND (earlier.end_ns > later.start_ns OR earlier.start_ns = later.start_ns)
            AND without_release(coalesce(nullif(earlier.work.response_model, ''), earlier.work.model))
            IS NOT DISTINCT FROM later.same_model
            AND earlier.work.input_tokens + cached_apart(earlier.work) IS NOT DISTINCT FROM later.input_tokens
            AND earlier.work.output_tokens + thought_apart(earlier.work) IS NOT DISTINCT FROM later.output_tokens
            AND CASE
                WHEN earlier.work.input_tokens IS NULL AND earlier.work.output_tokens IS NULL THEN earlier.work.total_tokens
            END IS NOT DISTINCT FROM later.total_alone
        GROUP BY later.trace_id, later.span_id
    ),
    seen_twice AS (
        SELECT DISTINCT trace_id, span_id FROM pairs ANTI JOIN told_apart USING (trace_id, span_id, by_id)
        UNION
        SELECT later.trace_id, later.span_id
        FROM by_answer AS later JOIN by_answer AS earlier USING (trace_id, answer_id, rank)
        WHERE earlier.scope <> later.scope
            AND (earlier.start_ns, earlier.span_id) < (later.start_ns, later.span_id)
            AND (
                earlier.end_ns > later.start_ns OR earlier.start_ns = later.start_ns
                OR (
                    later.tells AND earlier.tells
                    AND earlier.input_tokens IS NOT DISTINCT FROM later.input_tokens
                    AND earlier.output_tokens IS NOT DISTINCT FROM later.output_tokens
                    AND earlier.total_alone IS NOT DISTINCT FROM later.total_alone
                )
            )
        UNION ALL
        -- The call of a tool within that which another instrumentation tells of it.
        SELECT inside.trace_id, inside.span_id
        FROM tools_within JOIN tools AS inside USING (trace_id, span_id)
        JOIN tools AS outside ON outside.trace_id = tools_within.trace_id AND outside.span_id = at_id
        WHERE outside.scope_id <> inside.scope_id AND outside.tool = inside.tool
    ),
    owned AS MATERIALIZED (
        SELECT
            trace_id, span_id, told.agent, coalesce(told.run_id, top_id) AS run_id,
            coalesce(told.session_id, sessions.session_id) AS session_id,
            coalesce(told.user_id, sessions.user_id) AS user_id,
            told.run_id IS NOT NULL AND top_role IS NOT NULL AND NOT is_detail(top_role) AS is_of_child,
            is_ours, told_below.span_id IS NULL AS is_alone, elsewhere.counted_in,
            CASE WHEN is_paid(counted.role) AND counted.tells THEN hash(counted.answer_id) END AS answer
        FROM counted
        LEFT JOIN told_below USING (trace_id, span_id)
        LEFT JOIN elsewhere USING (trace_id, span_id)
        ANTI JOIN seen_twice USING (trace_id, span_id)
        LEFT JOIN told USING (trace_id, span_id)
        LEFT JOIN sessions USING (trace_id)
        WHERE counted.is_meant
    )
    SELECT
        trace_id, counted_in, answer, node_id, owned.run_id, is_of_child, role, is_paid(role) AS is_call, start_ns,
        has_failed(node_kind, status_code, outcome) AS is_failed, coalesce(service, '') AS app,
        coalesce(owned.agent, nullif(spans.agent, ''), service, '') AS agent, owned.session_id, owned.user_id,
        coalesce(work.tool, step, name) AS tool, work.response_model, work.model, work.provider, work.service_tier,
        CASE WHEN is_alone THEN work.input_tokens + cached_apart(work) END AS input_tokens,
        CASE WHEN is_alone THEN work.output_tokens + thought_apart(work) END AS output_tokens,
        work.cache_read_tokens, work.cache_write_tokens, work.reasoning_tokens,
        CASE WHEN is_alone THEN work.cost END AS reported_usd,
        CASE WHEN (is_paid(role) OR is_ours) AND is_alone AND work.input_tokens IS NULL AND work.output_tokens IS NULL THEN work.total_tokens END
        AS undivided_tokens,
        lasted(start_ns, end_ns) / 1e6 AS duration_ms,
        CASE
            WHEN abs(lasted(start_ns, end_ns) / 1e6 - work.first_chunk_seconds * 1e3) <= 5 AND lasted(start_ns, end_ns) > 5e6
                THEN NULL
            ELSE work.first_chunk_seconds * 1e3
        END AS first_chunk_ms
    FROM spans JOIN owned USING (trace_id, span_id)
    WHERE near;
-- Those that count, of a table of calls that is named, with what they cost by a table of prices.
CREATE OR REPLACE MACRO priced_calls(found, prices) AS TABLE
    SELECT
        calls.*,
        is_own,
        CASE WHEN calls.input_tokens IS NOT NULL OR calls.output_tokens IS NOT NULL THEN (
            greatest(
                coalesce(calls.input_tokens, 0) - coalesce(cache_read_tokens, 0) - coalesce(cache_write_tokens, 0), 0
            ) * rates.input_rate
            + coalesce(cache_read_tokens, 0) * rates.reading_rate + coalesce(cache_write_tokens, 0) * rates.writing_rate
            + coalesce(calls.output_tokens, 0) * rates.output_rate
        ) / 1e6 END AS listed_usd,
        (cache_write_tokens > 0 AND has_long) OR calls.input_tokens IS NULL
        OR (calls.output_tokens IS NULL AND role IS DISTINCT FROM 'embedding') AS may_be_more,
        reported_usd IS NOT NULL AND isfinite(reported_usd) AND reported_usd >= 0
        AND (listed_usd IS NULL OR NOT (is_own OR reported_usd = 0)) AS is_reported,
        CASE WHEN is_reported THEN reported_usd ELSE listed_usd END AS usd,
        is_call OR calls.input_tokens IS NOT NULL OR calls.undivided_tokens IS NOT NULL AS is_spending
    FROM query_table(found) AS calls LEFT JOIN query_table(prices) AS rates
        ON rates.response_model IS NOT DISTINCT FROM calls.response_model
        AND rates.model IS NOT DISTINCT FROM calls.model
        AND rates.provider IS NOT DISTINCT FROM calls.provider
        AND rates.service_tier IS NOT DISTINCT FROM calls.service_tier
        AND calls.start_ns >= rates.from_ns AND calls.start_ns < rates.until_ns
        AND coalesce(calls.input_tokens, 0) > rates.above AND coalesce(calls.input_tokens, 0) <= rates.upto
    WHERE calls.counted_in IS NULL;
