-- When the latest log record was written.
SELECT max(log_time(time_ns, observed_ns)) AS latest_ns FROM logs
