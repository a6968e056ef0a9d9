-- Counts a comparison, once for its delivery.
-- KEYS h, seen, d   ARGV delivery, verdict, version, what it is, JSON; empty where there is nothing to be told
-- Returns 1, or 0 where it was counted before.
local now = now_ms()
if redis.call('ZADD', KEYS[2], 'NX', int(now), ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -SEEN - 1)
redis.call('HINCRBY', KEYS[1], ARGV[2] .. ':' .. ARGV[3], 1)
if ARGV[4] ~= '' then redis.call('XADD', KEYS[3], 'MAXLEN', DISAGREEMENTS, '*', 'at', int(now), 'c', ARGV[4]) end
return 1
