-- What is still to be told, the oldest first.
FROM alert_notices ORDER BY made_ns, notice_id
