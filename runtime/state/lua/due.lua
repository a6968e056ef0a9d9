-- Looks for tasks that are due. Where none is, the wake-ups that are left have been overtaken by other workers: they go,
-- or whoever waits would wake for each of them.
-- KEYS queue, wake?   ARGV limit, skip
-- Returns {member, ...}, those that are due the longest first.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms(), 'LIMIT', ARGV[2], ARGV[1])
if #due == 0 and ARGV[2] == '0' and KEYS[2] then redis.call('DEL', KEYS[2]) end
return due
