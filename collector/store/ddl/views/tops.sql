-- Runs of agents of others that began in a time range: the topmost spans that play a part. One below a plain span of another
-- run counts as well, for the walk up to that one would cost more than all else that is asked with it.
CREATE OR REPLACE MACRO tops_between(from_ns, until_ns) AS TABLE
    SELECT start_ns, end_ns, has_failed(node_kind, status_code, outcome) AS is_failed FROM spans AS top
    WHERE role IS NOT NULL AND start_ns >= from_ns AND start_ns < until_ns
        AND NOT EXISTS (
            SELECT 1 FROM spans AS parent
            WHERE parent.trace_id = top.trace_id AND parent.span_id = top.parent_span_id
                AND (parent.role IS NOT NULL OR (is_detail(top.role) AND parent.node_kind <> 'span'))
        );
