DELETE FROM pending WHERE start_ns < $until_ns
