-- How many spans began since a moment.
SELECT count(*) AS spans FROM spans WHERE start_ns >= $first_ns AND start_ns < $end_ns
