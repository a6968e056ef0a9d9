-- Books another attempt at a step: after one that failed, one that was released (cut off by a stop), or one that is
-- unbegun and does not count (its breaker was open).
-- KEYS run, att, tasks   ARGV member, step, token, delay_ms, how, error
-- Returns the due time in ms, or 0 when stale.
if not owns(KEYS[1], KEYS[2], ARGV[2], ARGV[3]) then return 0 end
local due = now_ms() + tonumber(ARGV[4])
redis.call('HDEL', KEYS[2], ARGV[2] .. ':token', ARGV[2] .. ':solo')
if ARGV[5] == 'failed' then
  redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':fails', 1)
  redis.call('HSET', KEYS[2], ARGV[2] .. ':error', ARGV[6])
elseif ARGV[5] == 'unbegun' then
  local begun = redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':n', -1)
  if begun == 0 then redis.call('HDEL', KEYS[2], ARGV[2] .. ':first') end
end
redis.call('ZADD', KEYS[3], due, ARGV[1])
return due
