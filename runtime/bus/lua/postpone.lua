-- Puts a delivery off without using up a retry: its breaker is open, or its worker is told to stop.
-- KEYS stream, d, rz, n   ARGV group, consumer, entry, is_retry, delivery, delay_ms, envelope, event, round, foreign
-- Returns the due time in ms, or 0 when stale. Asked again: when it is or was due, at least 1.
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then
  if redis.call('HGET', KEYS[2], 'postponed') ~= mine then return 0 end
  return math.max(1, tonumber(redis.call('ZSCORE', KEYS[3], ARGV[5]) or '1'))
end
allow_when_full(KEYS[1])
local now = now_ms()
local due = now + tonumber(ARGV[6])
if redis.call('HGET', KEYS[2], 'holder') == mine then
  conclude(KEYS[2], ARGV[9], redis.call('HGET', KEYS[2], 'n'), now, 'cancelled')
end
redis.call('HSET', KEYS[2], 'postponed', mine)
put_off(KEYS[1], KEYS[2], KEYS[3], KEYS[4], due)
return due
