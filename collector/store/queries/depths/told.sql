-- Keeps what the records of scored nodes say.
CREATE OR REPLACE TEMP TABLE told AS
FROM ties_of('scored', $first_ns, -9223372036854775808, 9223372036854775807)
