-- Books another attempt at a step: after one that failed, one that was released (cut off by a stop), or one that is
-- unbegun and does not count (its breaker was open). One that failed has ended without harm and needs no cell any more; one
-- that is spared has failed, and counts for no failure.
-- KEYS run, att, tasks, suspects, leases   ARGV member, step, token, delay_ms, how
-- Returns the due time in ms, or 0 when stale. Asked again: when it is or was due, at least 1.
if not owns(KEYS[1], KEYS[5], ARGV[1], ARGV[3]) then
  if not was_settled(KEYS[2], ARGV[2], ARGV[3], ARGV[5]) then return 0 end
  return math.max(1, tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or redis.call('ZSCORE', KEYS[4], ARGV[1]) or '1'))
end
local now = now_ms()
local due = now + tonumber(ARGV[4])
settle(KEYS[2], KEYS[5], ARGV[1], ARGV[2], ARGV[3], ARGV[5])
local queue = KEYS[3]
if redis.call('ZSCORE', KEYS[4], ARGV[1]) and ARGV[5] ~= 'failed' and ARGV[5] ~= 'spared' then queue = KEYS[4] end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZADD', queue, due, ARGV[1])
if ARGV[5] == 'failed' then
  redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':fails', 1)
elseif ARGV[5] == 'unbegun' then
  local begun = redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':n', -1)
  redis.call('HSET', KEYS[2], ARGV[2] .. ':at', redis.call('HGET', KEYS[2], ARGV[2] .. ':before') or '0')
  if begun == 0 then redis.call('HDEL', KEYS[2], ARGV[2] .. ':first') end
end
return due
