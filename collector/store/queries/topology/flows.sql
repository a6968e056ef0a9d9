-- What flowed between steps, groups, workflows, channels and services in a time range: each part by its kind, its app, what
-- it is of (workflow or channel) and its name. `p50_ms` is from the end of the cause to the beginning of the effect, of a call
-- how long it took. What nothing of ours caused comes from whoever sent it: the service of its parent, or its own.
WITH RECURSIVE links AS MATERIALIZED (
    SELECT DISTINCT node_id, unnest(causes) AS cause FROM spans
    WHERE node_kind = 'step' AND len(causes) > 0 AND start_ns >= $first_ns AND start_ns < $end_ns
),
skipped AS MATERIALIZED (SELECT node_id FROM topology_work WHERE is_skipped),
-- Nothing flows to what a condition skipped: what waits for that waits for what it waited for. The many that wait for nothing
-- skipped are no part of what recurs, which would take them twice as long; `UNION` ends circles that somebody may send.
direct AS MATERIALIZED (FROM links WHERE cause NOT IN (FROM skipped) AND node_id NOT IN (FROM skipped)),
over_skipped AS (
    FROM links WHERE cause IN (FROM skipped) AND node_id NOT IN (FROM skipped)
    UNION
    SELECT later.node_id, links.cause
    FROM over_skipped AS later JOIN skipped ON skipped.node_id = later.cause JOIN links ON links.node_id = later.cause
),
caused AS MATERIALIZED (
    FROM direct
    UNION ALL
    FROM over_skipped ANTI JOIN direct USING (node_id, cause) WHERE cause NOT IN (FROM skipped)
),
-- Who began what: runs, and events.
begun AS MATERIALIZED (
    SELECT
        node_id, any_value(node_kind) AS kind, any_value(service) AS service,
        coalesce(any_value(CASE node_kind WHEN 'run' THEN workflow ELSE channel END), '') AS name,
        any_value(causation_id) AS cause, arg_min(trace_id, start_ns) AS trace_id, arg_min(parent_span_id, start_ns) AS parent_span_id,
        min(start_ns) AS start_ns
    FROM spans
    WHERE node_kind IN ('run', 'event') AND NOT (node_kind = 'run' AND outcome IS NOT NULL)
        AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY node_id
),
-- Calls from one service into another, and what nothing of ours is declared to have caused: who lies above.
crossing AS MATERIALIZED (
    SELECT
        child.trace_id, child.span_id, child.node_id, child.service, lasted(child.start_ns, child.end_ns) / 1e6 AS took_ms,
        has_failed(child.node_kind, child.status_code, child.outcome) AS is_bad, child.parent_span_id, false AS is_begun
    FROM spans AS child JOIN spans AS parent ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
    WHERE child.node_kind = 'span' AND parent.service <> child.service
        AND NOT (takes_messages(child.node_kind, child.kind, child.operation) AND child.channel IS NOT NULL)
        AND parent.node_kind <> 'event'
        AND child.start_ns >= $first_ns AND child.start_ns < $end_ns
        AND parent.start_ns >= $first_ns - 3600000000000 AND parent.start_ns < $end_ns
    UNION ALL
    SELECT trace_id, NULL, node_id, service, NULL, NULL, parent_span_id, true FROM begun
    WHERE cause IS NULL AND parent_span_id IS NOT NULL
),
-- What lies in their traces: where there is none, nothing is read.
around AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, node_id, node_kind, service
    FROM spans
    WHERE start_ns >= $first_ns - 3600000000000 AND start_ns < $end_ns AND trace_id IN (SELECT trace_id FROM crossing)
),
climbing AS (
    SELECT
        crossing.node_id AS effect, up.trace_id, up.parent_span_id, up.node_id, up.node_kind, up.service, 0 AS height
    FROM crossing JOIN around AS up ON up.trace_id = crossing.trace_id AND up.span_id = crossing.parent_span_id
    UNION ALL
    SELECT effect, up.trace_id, up.parent_span_id, up.node_id, up.node_kind, up.service, height + 1
    FROM climbing JOIN around AS up ON up.trace_id = climbing.trace_id AND up.span_id = climbing.parent_span_id
    WHERE climbing.node_kind = 'span' AND up.service = climbing.service AND height < 16
),
above AS MATERIALIZED (
    SELECT
        effect AS node_id, arg_min(service, height) AS caller,
        any_value(node_id) FILTER (WHERE node_kind IN ('step', 'delivery')) AS cause
    FROM climbing GROUP BY effect
),
-- The name of every cause that is known.
named AS NOT MATERIALIZED (
    SELECT node_id, kind, service, workflow AS of_name, step AS name, end_ns, start_ns FROM topology_work
    UNION ALL
    SELECT node_id, CASE kind WHEN 'run' THEN 'run' ELSE 'channel' END, CASE kind WHEN 'run' THEN service ELSE '' END, '', name, NULL, start_ns
    FROM begun
),
topology_work_names AS NOT MATERIALIZED (
    SELECT node_id, kind, service, workflow AS of_name, step AS name FROM topology_work
),
deliveries_of AS (
    SELECT DISTINCT node_id, event_id FROM spans
    WHERE node_kind = 'delivery' AND event_id IS NOT NULL AND start_ns >= $first_ns AND start_ns < $end_ns
),
firsts AS (
    SELECT work.*, begun.start_ns AS run_ns
    FROM topology_work AS work JOIN begun ON begun.node_id = work.run_id
    WHERE work.kind = 'step' AND NOT work.is_skipped AND work.node_id NOT IN (SELECT node_id FROM caused)
),
taken AS (
    SELECT
        channel, coalesce(service, '') AS service, coalesce(nullif(consumer_group, ''), service, '') AS name,
        coalesce(event_id, node_id) AS event_id, min(start_ns) AS start_ns,
        max(lasted(start_ns, end_ns)) / 1e6 AS took_ms,
        arg_max(has_failed(node_kind, status_code, outcome), receipt_place(operation, outcome, start_ns, span_id)) AS is_bad
    FROM spans
    WHERE takes_messages(node_kind, kind, operation) AND channel IS NOT NULL AND causation_id IS NULL
        AND start_ns >= $first_ns AND start_ns < $end_ns
    GROUP BY ALL
),
every AS (
    SELECT
        cause.kind AS cause_kind, cause.service AS cause_app, cause.of_name AS cause_of, cause.name AS cause_name,
        'step' AS effect_kind, effect.service AS effect_app, effect.workflow AS effect_of, effect.step AS effect_name,
        effect.is_bad, (effect.start_ns - coalesce(cause.end_ns, cause.start_ns)) / 1e6 AS took_ms, NULL::DOUBLE AS worked_ms
    FROM caused JOIN topology_work AS effect USING (node_id) JOIN named AS cause ON cause.node_id = caused.cause
    UNION ALL
    SELECT 'run', service, '', workflow, 'step', service, workflow, step, is_bad, (start_ns - run_ns) / 1e6, NULL FROM firsts
    UNION ALL
    SELECT
        coalesce(cause.kind, 'service'), coalesce(cause.service, above.caller, begun.service),
        coalesce(cause.of_name, ''), coalesce(cause.name, above.caller, begun.service),
        CASE begun.kind WHEN 'run' THEN 'run' ELSE 'channel' END, CASE begun.kind WHEN 'run' THEN begun.service ELSE '' END, '', begun.name,
        false, NULL, NULL
    FROM begun LEFT JOIN above USING (node_id)
    LEFT JOIN topology_work_names AS cause ON cause.node_id = coalesce(begun.cause, above.cause)
    UNION ALL
    SELECT
        'channel', '', '', work.workflow, 'delivery', work.service, work.workflow, work.step, work.is_bad,
        (work.start_ns - event.start_ns) / 1e6, NULL
    FROM topology_work AS work
    LEFT JOIN deliveries_of AS delivery USING (node_id)
    LEFT JOIN begun AS event ON event.node_id = delivery.event_id
    WHERE work.kind = 'delivery'
    UNION ALL
    SELECT
        'channel', '', '', taken.channel, 'receiver', taken.service, taken.channel, taken.name, taken.is_bad,
        (taken.start_ns - event.start_ns) / 1e6, taken.took_ms
    FROM taken LEFT JOIN begun AS event ON event.node_id = taken.event_id
    UNION ALL
    SELECT
        coalesce(cause.kind, 'service'), coalesce(cause.service, above.caller), coalesce(cause.of_name, ''),
        coalesce(cause.name, above.caller), 'service', crossing.service, '', crossing.service, crossing.is_bad, crossing.took_ms,
        crossing.took_ms
    FROM crossing JOIN above USING (node_id) LEFT JOIN topology_work_names AS cause ON cause.node_id = above.cause
    WHERE NOT is_begun
)
SELECT
    cause_kind, cause_app, cause_of, cause_name, effect_kind, effect_app, effect_of, effect_name,
    count(*) AS n, count(*) FILTER (WHERE is_bad) AS bad,
    quantile_cont(CASE WHEN took_ms IS NOT NULL THEN greatest(took_ms, 0) END, 0.5) AS p50_ms, quantile_cont(worked_ms, 0.5) AS worked_ms
FROM every
GROUP BY ALL
ORDER BY ALL
