-- Makes the items of a step due, the first ones now. The attempt is over: it leaves its lease and its place in the queue,
-- and the step is due again when all items are committed.
-- KEYS run, att, tasks, suspects, leases, need, parts, wake
-- ARGV member, step, token, how many are due at first, '1' where as many may be under way at once as are begun, item*
-- Returns 1, or 0 when stale. Asked again: 1.
if not owns(KEYS[1], KEYS[5], ARGV[1], ARGV[3]) then
  return was_settled(KEYS[2], ARGV[2], ARGV[3], 'fan_out') and 1 or 0
end
allow_when_full(KEYS[7])
local now, count, at_once = now_ms(), #ARGV - 5, tonumber(ARGV[4])
settle(KEYS[2], KEYS[5], ARGV[1], ARGV[2], ARGV[3], 'fan_out')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HSET', KEYS[7], ARGV[2], count, ARGV[2] .. ':open', count, ARGV[2] .. ':failed', 0,
  ARGV[2] .. ':next', math.min(at_once, count))
if ARGV[5] == '1' then redis.call('HSET', KEYS[7], ARGV[2] .. ':grows', 1) end
for at = 0, count - 1 do
  redis.call('HSET', KEYS[7], ARGV[2] .. '[' .. at .. ']', ARGV[at + 6])
  if at < at_once then
    redis.call('HSET', KEYS[6], ARGV[2] .. '[' .. at .. ']', 0)
    redis.call('ZADD', KEYS[3], now, ARGV[1] .. '[' .. at .. ']')
    wake(KEYS[8])
  end
end
return 1
