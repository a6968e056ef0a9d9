-- Silences that hold.
FROM alert_silences WHERE ended_ns IS NULL AND until_ns > $now_ns ORDER BY made_ns, silence_id
