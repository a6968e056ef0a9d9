-- What names and rules of today say of spans that are stored; by what a span is known stays as it is.
UPDATE spans SET
    role = staged.role,
    session_id = staged.session_id,
    user_id = staged.user_id,
    work = staged.work,
    agent = staged.agent,
    workflow = staged.workflow,
    operation = staged.operation,
    step = staged.step,
    subject = staged.subject,
    error_type = staged.error_type,
    outcome = staged.outcome
FROM (SELECT * FROM reread_spans JOIN reread USING ("row")) AS staged
WHERE spans.rowid = staged.place
    AND (
        (
            spans.role, spans.session_id, spans.user_id, spans.agent, spans.workflow, spans.operation, spans.step,
            spans.subject, spans.error_type, spans.outcome
        ) IS DISTINCT FROM (
            staged.role, staged.session_id, staged.user_id, staged.agent, staged.workflow, staged.operation, staged.step,
            staged.subject, staged.error_type, staged.outcome
        )
        OR spans.work IS DISTINCT FROM staged.work
    )
