-- Records a failed attempt and books the next one. The entry leaves the pending list at once, so that a waiting retry
-- neither blocks its group nor pins trimming.
-- KEYS stream, d, rz, n   ARGV group, consumer, entry, is_retry, delivery, delay_ms, attempt field, attempt json, envelope, event
-- Returns the due time in ms, or 0 when stale.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
local due = now_ms() + tonumber(ARGV[6])
redis.call('HSET', KEYS[2], ARGV[7], ARGV[8], 'e', ARGV[9], 'event', ARGV[10], 'solo', '0')
redis.call('HINCRBY', KEYS[2], 'fails', 1)
local new = redis.call('ZADD', KEYS[3], due, ARGV[5])
settle(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
move(KEYS[4], ARGV[1], 'pending', new == 1 and 'retrying' or 'done') -- a copy of the event waits already
return due
