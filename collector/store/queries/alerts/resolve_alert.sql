UPDATE alerts
SET resolved_ns = $at_ns, ended_as = $ended_as, title = $title, detail = $detail, "value" = $value
WHERE alert_id = $alert_id
