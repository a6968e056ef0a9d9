-- Notes how a guarded call ended.
-- KEYS h   ARGV ok, failures, cooldown_ms
-- Returns 1 when this call opened the breaker. Failures stay counted when it opens: the first one after the cool-down
-- opens it again, the first success clears them.
if ARGV[1] == '1' then
  redis.call('DEL', KEYS[1])
  return 0
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if failures < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'open_until', now_ms() + tonumber(ARGV[3]))
return 1
