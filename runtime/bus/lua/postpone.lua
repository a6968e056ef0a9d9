-- Puts a delivery off without using up a retry: its breaker is open, or its worker is told to stop.
-- KEYS stream, d, rz, n   ARGV group, consumer, entry, is_retry, delivery, delay_ms, envelope, event, round, foreign
-- Returns the due time in ms, or 0 when stale.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
local due = now_ms() + tonumber(ARGV[6])
book(KEYS[2], KEYS[4], ARGV[1], ARGV[3], ARGV[10])
redis.call('HSET', KEYS[2], 'e', ARGV[7], 'event', ARGV[8], 'round', ARGV[9], 'solo', '0')
redis.call('HSETNX', KEYS[2], 'first_ms', now_ms())
local new = redis.call('ZADD', KEYS[3], due, ARGV[5])
settle(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
move(KEYS[4], ARGV[1], 'pending', new == 1 and 'retrying' or 'done') -- a copy of the event waits already
return due
