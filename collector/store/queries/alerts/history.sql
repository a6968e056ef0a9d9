-- A page of what is over, the newest first.
SELECT *, resolved_ns AS listed_ns
FROM alerts
WHERE resolved_ns >= $first_ns AND resolved_ns < $end_ns AND (resolved_ns, alert_id) < ($before_ns::BIGINT, $before_id::UUID)
    AND ($rule IS NULL OR rule = $rule)
ORDER BY resolved_ns DESC, alert_id DESC
LIMIT $most
