-- From which time on nothing is that this snapshot shows; it may show more than was committed when it was asked for.
SELECT coalesce(max(stored_us) + 1, 0) AS reached_us FROM spans WHERE stored_us >= $since_us
