INSERT INTO alert_silences VALUES ($silence_id, $rule, $about, $operator, $reason, $made_ns, $until_ns, NULL, NULL)
