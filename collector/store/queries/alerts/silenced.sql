-- What operators did to alerts in a range of time, for the audit; the newest first. A silence ends another one in the moment
-- in which it begins: its begin is the newer of both.
WITH acts AS (
    SELECT made_ns AS at_ns, 'silence' AS action, silence_id, rule, about, operator, reason FROM alert_silences
    UNION ALL
    SELECT ended_ns, 'unsilence', silence_id, rule, about, ended_by, '' FROM alert_silences WHERE ended_by IS NOT NULL
)
FROM acts
WHERE at_ns > $after_ns AND at_ns <= $until_ns
ORDER BY at_ns DESC, action, silence_id DESC
LIMIT $most
