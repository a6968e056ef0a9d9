-- How many spans began in a range of time.
SELECT count(*) AS spans FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns
