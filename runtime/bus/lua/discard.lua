-- Gives a dead letter up for good; it stays readable.
-- KEYS dl, dz, sz, n, aud, untold   ARGV group, letter, discard, operator, reason, trace
-- Returns the time in ms when done, 0 when the letter was settled before, -1 when there is none.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return -1 end
if state ~= 'dead' then return 0 end
local now = now_ms()
redis.call('HSET', KEYS[1], 'state', 'discarded', 'settled_ms', now, 'operator', ARGV[4], 'replay_id', ARGV[3], 'why', ARGV[5], 'settled_trace', ARGV[6])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'dead_ms'), ARGV[2])
redis.call('XADD', KEYS[5], '*', 'action', 'discard', 'letter', ARGV[2], 'event', redis.call('HGET', KEYS[1], 'event'), 'operator', ARGV[4], 'reason', ARGV[5])
redis.call('ZADD', KEYS[6], now, ARGV[1] .. '|' .. ARGV[2] .. '|settled')
move(KEYS[4], ARGV[1], 'dead', 'discarded')
return now
