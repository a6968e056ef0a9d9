INSERT INTO materialized VALUES ($until_us)
