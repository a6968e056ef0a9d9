-- Keeps what was stored within a time, or changed in place, that says of work that it may be other than it was before.
CREATE OR REPLACE TEMP TABLE told_work AS FROM told_within($since_us, $until_us)
