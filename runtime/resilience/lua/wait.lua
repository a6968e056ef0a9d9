-- KEYS h   Returns how many ms the breaker stays open; 0 when it lets work through.
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0')
return math.max(0, open_until - now_ms())
