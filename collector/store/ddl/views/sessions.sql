-- Runs of sessions: of those traces in which a span that meets a condition tells of a session. A run is of the session that
-- its topmost span tells of, or the nearest span above that does; else of all that its trace tells of, mostly one. A run of
-- ours whose steps call others is told in their place. The condition names columns of `spans`, and so does `near`, which
-- all spans of these traces meet.
CREATE OR REPLACE MACRO runs_of_sessions_near(condition, near) AS TABLE
    WITH RECURSIVE told AS MATERIALIZED (
        SELECT trace_id, list(DISTINCT session_id) AS sessions
        FROM spans
        WHERE session_id IS NOT NULL AND near
            AND trace_id IN (SELECT trace_id FROM spans WHERE session_id IS NOT NULL AND condition AND near)
        GROUP BY trace_id
    ),
    around AS MATERIALIZED (
        SELECT
            trace_id, span_id, parent_span_id, node_id, node_kind, run_id, role, session_id, user_id, service, start_ns,
            end_ns, status_code, outcome
        FROM spans WHERE trace_id IN (SELECT trace_id FROM told) AND near
    ),
    own AS (
        SELECT
            run_id, min(start_ns) AS start_ns,
            bool_or(node_kind = 'run' AND outcome = 'failed') AS failed,
            NOT bool_or(node_kind = 'run' AND outcome IS NOT NULL) AS running
        FROM around
        WHERE run_id IS NOT NULL
        GROUP BY run_id
    ),
    playing AS (SELECT DISTINCT trace_id FROM around WHERE role IS NOT NULL),
    tops AS MATERIALIZED (
        SELECT top.* FROM around AS top
        WHERE top.node_kind = 'span' AND CASE
            WHEN top.role IS NOT NULL THEN NOT EXISTS (
                SELECT 1 FROM around AS parent
                WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id AND parent.role IS NOT NULL
            )
            ELSE top.parent_span_id IS NULL AND top.trace_id NOT IN (SELECT trace_id FROM playing)
        END
    ),
    above AS (
        SELECT trace_id, span_id AS top_id, parent_span_id AS at_id, 1 AS height
        FROM tops WHERE parent_span_id IS NOT NULL
        UNION
        SELECT above.trace_id, top_id, around.parent_span_id, height + 1
        FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
        WHERE around.parent_span_id IS NOT NULL AND height < 100
    ),
    over AS (
        SELECT
            above.trace_id, top_id, bool_or(role IS NOT NULL) AS is_nested,
            arg_min(run_id, height) FILTER (WHERE run_id IS NOT NULL AND node_kind = 'step') AS run_id,
            arg_min(session_id, height) FILTER (WHERE session_id IS NOT NULL) AS session_id,
            arg_min(user_id, height) FILTER (WHERE user_id IS NOT NULL) AS user_id
        FROM above JOIN around ON around.trace_id = above.trace_id AND around.span_id = at_id
        GROUP BY above.trace_id, top_id
    ),
    runs AS (
        SELECT
            unnest(
                CASE
                    WHEN coalesce(tops.session_id, over.session_id) IS NULL THEN sessions
                    ELSE [coalesce(tops.session_id, over.session_id)]
                END
            ) AS session_id,
            coalesce(own.run_id, tops.node_id) AS run_id, own.run_id IS NOT NULL AS is_own,
            coalesce(own.start_ns, tops.start_ns) AS start_ns, tops.start_ns AS top_ns, tops.end_ns, tops.trace_id, tops.span_id, tops.service,
            coalesce(own.failed, has_failed(tops.node_kind, tops.status_code, tops.outcome)) AS failed, coalesce(own.running, tops.end_ns IS NULL) AS running,
            coalesce(tops.user_id, over.user_id) AS user_id
        FROM tops
        JOIN told USING (trace_id)
        LEFT JOIN over ON over.trace_id = tops.trace_id AND over.top_id = tops.span_id
        LEFT JOIN own ON own.run_id = over.run_id
        WHERE NOT coalesce(is_nested, false)
    )
    SELECT
        session_id, run_id, any_value(is_own) AS is_own, min(start_ns) AS start_ns, max(end_ns) AS end_ns,
        arg_min(trace_id, top_ns) AS trace_id, arg_min(span_id, top_ns) AS span_id,
        arg_max(trace_id, top_ns) AS last_trace_id, arg_max(span_id, top_ns) AS last_span_id,
        list(DISTINCT service ORDER BY service) AS services, any_value(user_id) AS user_id, bool_or(failed) AS failed,
        bool_or(running) AS running
    FROM runs
    WHERE session_id IS NOT NULL
    GROUP BY session_id, run_id;
