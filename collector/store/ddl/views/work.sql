-- What became of work. The last attempt that decided something does not always tell: a delivery that has a dead letter
-- gave up, though its last worker vanished; a step of a run that has ended is not tried again, and where it has not
-- ended itself it was cut off, or, as the run's end says, it is what the run failed of. An attempt that was lost, or cut
-- off although the work goes on, is followed by another, as is one that failed a run which was resumed.
CREATE OR REPLACE MACRO fate_of(outcome, has_died, run_outcome, is_culprit, is_resumed) AS CASE
    WHEN has_died THEN 'dead_letter'
    WHEN run_outcome IS NOT NULL AND outcome IN ('ok', 'failed', 'skipped', 'moved', 'gathered') THEN outcome
    WHEN run_outcome IS NOT NULL AND is_culprit THEN 'failed'
    WHEN run_outcome IN ('failed', 'cancelled') THEN 'cancelled'
    WHEN run_outcome IS NOT NULL THEN NULL
    WHEN outcome IN ('lost', 'cancelled') OR (is_resumed AND outcome = 'failed') THEN 'retry'
    ELSE outcome
END;

-- The steps and deliveries whose records meet a condition, as these alone tell of them: one row a node, however many attempts.
-- The outcome is that of the last attempt that decides; where none does, of the last that ended. `is_open` says whether the
-- last attempt is known by a marker alone. The condition is an argument because it filters before rows are grouped: on a view,
-- all work there is would be grouped first. It names columns of `records`, and has to choose all records of a node or none.
CREATE OR REPLACE MACRO tried_where(condition) AS TABLE
    WITH placed AS MATERIALIZED (
        SELECT
            node_id, node_kind, service, workflow, channel, step, step_place, consumer_group, agent, run_id, event_id, round, depth,
            causes, keys_read, keys_written, context_size, start_ns, end_ns, attempt, outcome, error_type,
            status_message, running, place_of(round, attempt) AS place, can_decide(running, outcome) AS decides
        FROM records
        WHERE node_kind IN ('step', 'delivery') AND condition
    )
    SELECT
        node_id,
        any_value(node_kind) AS kind,
        coalesce(any_value(workflow), any_value(channel), '') AS workflow,
        coalesce(any_value(step), any_value(consumer_group), '') AS step,
        any_value(step_place) AS step_place,
        coalesce(arg_max(agent, place), any_value(service), '') AS agent,
        arg_max(service, place) AS service,
        any_value(run_id) AS run_id,
        any_value(event_id) AS event_id,
        coalesce(any_value(round), 0) AS round,
        any_value(depth) AS depth,
        arg_max(causes, place) AS causes,
        arg_max(keys_read, place) AS keys_read,
        arg_max(keys_written, place) AS keys_written,
        arg_max(context_size, place) AS context_size,
        min(start_ns) AS start_ns,
        max(end_ns) FILTER (WHERE NOT running) AS end_ns,
        -- What left to wait for an answer is no try of its own: what followed went on with it. What ran no code is none.
        greatest(
            greatest(count(DISTINCT place), max(attempt), 1)
                - CAST(coalesce(max(attempt) = 0 AND bool_and(outcome = 'dead_letter'), false) AS INTEGER)
                - count(DISTINCT place) FILTER (WHERE outcome = 'waiting' OR NOT has_worked(outcome)),
            CAST(coalesce(bool_or(outcome = 'waiting'), false) AS INTEGER)
        ) AS attempts,
        NOT coalesce(bool_or(NOT has_worked(outcome)), false) AS has_worked,
        coalesce(
            arg_max(outcome, place) FILTER (WHERE decides),
            arg_max(outcome, place) FILTER (WHERE NOT running)
        ) AS outcome,
        arg_max_null(error_said(error_type, status_message), place) AS error,
        coalesce(
            max(place) FILTER (WHERE running) > coalesce(max(place) FILTER (WHERE NOT running), -1), false
        ) AS is_open
    FROM placed
    GROUP BY node_id;

-- The steps and deliveries whose records meet a condition, as for `tried_where`; `fate_of` has the last word. Where the last
-- attempt is known by a marker alone and does not go on, `cut_ns` says when that was settled. Another condition, of columns of
-- `spans`, has to choose the spans of all their runs: where these were stored, so that no others are read. A third one has
-- to choose the dead letters of all deliveries among them; of steps alone there are none.
CREATE OR REPLACE MACRO work_where(condition, of_runs := true, of_letters := true) AS TABLE
    WITH tried AS MATERIALIZED (FROM tried_where(condition)),
    letters AS (
        SELECT causation_id AS node_id, min(start_ns) AS died_ns
        FROM spans
        WHERE node_kind = 'dead_letter' AND causation_id IN (SELECT node_id FROM tried WHERE kind = 'delivery')
            AND of_letters
        GROUP BY causation_id
    ),
    ends AS (
        SELECT run_id, outcome AS run_outcome, failed_step, failed_place, is_resumed, end_ns AS run_end_ns
        FROM runs_where(node_id IN (SELECT run_id FROM tried WHERE kind = 'step' AND run_id IS NOT NULL) AND of_runs)
    )
    SELECT
        tried.* EXCLUDE (is_open)
            REPLACE (
                fate_of(
                    outcome, died_ns IS NOT NULL, run_outcome,
                    step = failed_step AND step_place IS NOT DISTINCT FROM failed_place, is_resumed
                ) AS outcome
            ),
        is_open AND died_ns IS NULL AND run_outcome IS NULL AS running,
        CASE WHEN is_open THEN coalesce(died_ns, run_end_ns) END AS cut_ns
    FROM tried LEFT JOIN letters USING (node_id) LEFT JOIN ends ON ends.run_id = CASE kind WHEN 'step' THEN tried.run_id END;
