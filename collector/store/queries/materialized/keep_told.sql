-- Keeps what says of work that it may be other than it was when what is materialized was worked out.
CREATE OR REPLACE TEMP TABLE told_work AS FROM told_within($known_us, 9223372036854775807)
