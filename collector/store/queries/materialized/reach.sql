-- Notes how new what is written next to `materialized_work` may be, before all of it is.
UPDATE materialized SET reached_us = CASE WHEN reached_us IS NOT NULL THEN greatest(reached_us, $reached_us) END
