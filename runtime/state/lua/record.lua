-- Records a call that an attempt has made, and paid for: it must not wait for room. Where another step has failed the run
-- meanwhile the attempt is over, but what is paid for is there when the run is resumed.
-- KEYS run, leases, calls   ARGV member, token, <step>|<call>, record
-- Returns 1, or 0 when stale.
local is_failed = redis.call('HGET', KEYS[1], 'status') == 'failed'
if is_failed and redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] then
  allow_when_full(KEYS[3])
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
end
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end
allow_when_full(KEYS[3])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
return 1
