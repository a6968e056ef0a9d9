-- Records a failed attempt and books the next one. The entry leaves the pending list at once, so that a waiting retry
-- neither blocks its group nor pins trimming.
-- KEYS stream, d, rz, n
-- ARGV group, consumer, entry, is_retry, delivery, delay_ms, envelope, event, round, foreign, attempt field, attempt json,
--      whether it is spared, and counts for no failure
-- Returns the due time in ms, or 0 when stale. Asked again: when it is or was due, at least 1.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then
  if redis.call('HGET', KEYS[2], ARGV[11]) ~= ARGV[12] then return 0 end
  return math.max(1, tonumber(redis.call('ZSCORE', KEYS[3], ARGV[5]) or '1'))
end
allow_when_full(KEYS[1])
local due = now_ms() + tonumber(ARGV[6])
redis.call('HSET', KEYS[2], ARGV[11], ARGV[12])
redis.call('HDEL', KEYS[2], 'suspect') -- it has ended without harm
if ARGV[13] ~= '1' then redis.call('HINCRBY', KEYS[2], 'fails', 1) end
put_off(KEYS[1], KEYS[2], KEYS[3], KEYS[4], due)
return due
