-- An operator says who does a step from now on.
-- KEYS h, log   ARGV mode, operator, reason
-- Returns the mode that it had.
local before = redis.call('HGET', KEYS[1], 'mode') or 'shadow'
redis.call('HSET', KEYS[1], 'mode', ARGV[1], 'since', int(now_ms()), 'by', ARGV[2], 'reason', ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', LOG, '*', 'mode', ARGV[1], 'by', ARGV[2], 'reason', ARGV[3])
return before
