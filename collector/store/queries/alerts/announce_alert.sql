UPDATE alerts SET announced_ns = $at_ns WHERE alert_id = $alert_id
