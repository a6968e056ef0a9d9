-- Records a call that an attempt has made, and paid for: it must not wait for room.
-- KEYS run, leases, calls   ARGV member, token, <step>|<call>, record
-- Returns 1, or 0 when stale.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end
allow_when_full(KEYS[3])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
return 1
