-- Notes how a guarded call ended.
-- KEYS h   ARGV ok, failures, cooldown_ms
-- Returns 1 when this call opened the breaker. Failures stay counted when it opens: the first one after the cool-down
-- opens it again, the first success clears them. A success while it is open began before the outage: it changes nothing.
allow_when_full(KEYS[1])
if ARGV[1] == '1' then
  if tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0') <= now_ms() then redis.call('DEL', KEYS[1]) end
  return 0
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if failures < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'open_until', now_ms() + tonumber(ARGV[3]))
return 1
