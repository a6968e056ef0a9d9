-- Log records of no trace that is stored. Of the spans those are kept that old records name: all that there are do not fit
-- into the memory that is given to what nobody waits for.
DELETE FROM logs
WHERE log_time(time_ns, observed_ns) < $until_ns AND (
    trace_id IS NULL OR trace_id NOT IN (
        SELECT trace_id FROM spans WHERE trace_id IN (
            SELECT trace_id FROM logs WHERE log_time(time_ns, observed_ns) < $until_ns AND trace_id IS NOT NULL
        )
        UNION ALL
        SELECT trace_id FROM pending
    )
)
