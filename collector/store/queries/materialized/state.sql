SELECT coalesce(min(until_us), 0) AS until_us FROM materialized
