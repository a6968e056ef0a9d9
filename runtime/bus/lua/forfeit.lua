-- Takes a delivery from a consumer that is gone, or that does not renew it. One whose attempt had begun waits for a
-- cell; one that had not begun is due again as if nobody had read it, and nobody is blamed.
-- KEYS stream, d, rz, n
-- ARGV group, consumer, entry, is_retry, delivery, idle_ms, envelope, event, round, foreign, blame field or ''
-- Returns 1 when it was taken, 0 when the consumer does not hold it any more, or has renewed it.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if pending.err or not pending[1] or pending[1][2] ~= ARGV[2] or pending[1][3] < tonumber(ARGV[6]) then return 0 end
allow_when_full(KEYS[1])
if redis.call('HGET', KEYS[2], 'holder') ~= hand(ARGV[2], ARGV[3], ARGV[4]) then
  put_off(KEYS[1], KEYS[2], KEYS[3], KEYS[4], now_ms())
  return 1
end
isolate(KEYS[1], ARGV[1], ARGV[3], KEYS[2])
redis.call('HDEL', KEYS[2], 'holder')
redis.call('HSET', KEYS[2], 'e', ARGV[7], 'event', ARGV[8])
if ARGV[11] ~= '' then redis.call('HINCRBY', KEYS[2], ARGV[11], 1) end
return 1
