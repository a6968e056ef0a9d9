-- Counts what attempts that a limit holds for have spent.
-- KEYS leases   ARGV prefix of the app's keys, name of the limit, calls, tokens
allow_when_full(KEYS[1])
spend(ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), now_ms())
return 1
