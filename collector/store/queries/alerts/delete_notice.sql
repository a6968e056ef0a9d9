DELETE FROM alert_notices WHERE notice_id = $notice_id
