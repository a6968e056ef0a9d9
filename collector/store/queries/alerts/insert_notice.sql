INSERT INTO alert_notices VALUES ($notice_id, $webhook, $made_ns, $body)
