INSERT INTO materialized (until_us, reached_us) VALUES ($until_us, $reached_us)
