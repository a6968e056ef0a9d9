DELETE FROM metric_points WHERE time_ns < $until_ns
