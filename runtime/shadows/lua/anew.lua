-- Forgets what was compared of a step; deliveries that were counted stay known as such.
-- KEYS h, d, log   ARGV operator, reason
local version = redis.call('HGET', KEYS[1], 'version') or ''
for _, what in ipairs({'agreed:', 'disagreed:', 'failed:', 'left_out:'}) do
  redis.call('HDEL', KEYS[1], what .. version)
end
redis.call('HSET', KEYS[1], 'began:' .. version, int(now_ms()))
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[3], 'MAXLEN', LOG, '*', 'mode', 'anew', 'by', ARGV[1], 'reason', ARGV[2])
return 1
