-- Nothing that was stored from this time on is in `materialized_work` yet, but what markers told of it before. What is in it may be
-- newer than `until_us`: where working it out was cut off, or the clock was set back. NULL where it is not known.
ALTER TABLE materialized ADD COLUMN reached_us BIGINT;
