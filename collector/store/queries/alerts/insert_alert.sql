INSERT INTO alerts VALUES (
    $alert_id, $rule, $kind, $severity, $about, $title, $detail, $view, $params, $value, $threshold, $started_ns,
    NULL, NULL, NULL
)
