-- How a delivery stands, in the words of `collector/causality/status.py`.
CREATE OR REPLACE MACRO delivery_status(outcome, settled_by, running) AS CASE
    WHEN running THEN 'running'
    WHEN outcome = 'dead_letter' THEN CASE settled_by WHEN 'replay' THEN 'replayed' WHEN 'discard' THEN 'discarded' ELSE 'dead' END
    WHEN outcome IN ('retry', 'lost') THEN 'retrying'
    WHEN outcome = 'spread' THEN 'running'
    WHEN outcome = 'gathered' THEN 'ok'
    WHEN outcome IN ('ok', 'failed', 'cancelled', 'duplicate', 'expired', 'waiting', 'skipped', 'moved') THEN outcome
    ELSE 'unknown'
END;

-- How a span of others ended: what `outcome` says of it decides, where that is there.
CREATE OR REPLACE MACRO foreign_status(status_code, outcome) AS CASE outcome
    WHEN 'retry' THEN 'retrying' WHEN 'ok' THEN 'ok' WHEN 'cancelled' THEN 'cancelled' WHEN 'waiting' THEN 'waiting'
    WHEN 'failed' THEN 'failed' WHEN 'recorded' THEN 'ok' WHEN 'parked' THEN 'waiting'
    ELSE CASE WHEN status_code = 2 THEN 'failed' ELSE 'ok' END
END;

-- How those fared who received some events: a row for each group, in its newest round, and for each foreign consumer. The
-- condition names `event_id`.
CREATE OR REPLACE MACRO standings_where(condition) AS TABLE
    WITH rounds AS (
        SELECT event_id, step, round, node_id, delivery_status(outcome, settled_by, running) AS status
        FROM deliveries_where(condition)
    )
    SELECT event_id, arg_max(status, (round, node_id)) AS status FROM rounds GROUP BY event_id, step
    UNION ALL
    SELECT event_id, foreign_status(arg_max(status_code, newest), arg_max_null(outcome, newest)) AS status
    FROM (SELECT *, receipt_place(operation, outcome, start_ns, span_id) AS newest FROM receipts_where(condition))
    GROUP BY event_id, service, coalesce(nullif(consumer_group, ''), service);
