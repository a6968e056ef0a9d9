-- Takes work off the list of what waits for an account, as it is not to be done any more.
-- KEYS parked   ARGV account, node
-- Returns 1.
unpark(ARGV[1], ARGV[2])
return 1
