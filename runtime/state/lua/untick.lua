-- Drops a tick that is noted, and whose run nobody has started.
-- KEYS schedule, ticks, run   ARGV run id
-- Returns 1, or 0 when it was started.
if redis.call('EXISTS', KEYS[3]) == 1 or redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'dropped', 1)
redis.call('HSET', KEYS[1], 'dropped_at', string.format('%d', now_ms()))
return 1
