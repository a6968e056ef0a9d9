-- Puts a delivery off without using up a retry: its breaker is open, or its worker is told to stop.
-- KEYS stream, d, rz, n   ARGV group, consumer, entry, is_retry, delivery, delay_ms, envelope, event, round, foreign
-- Returns the due time in ms, or 0 when stale.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
allow_when_full(KEYS[1])
local now = now_ms()
local due = now + tonumber(ARGV[6])
if redis.call('HGET', KEYS[2], 'holder') == hand(ARGV[2], ARGV[3]) then
  conclude(KEYS[2], ARGV[9], redis.call('HGET', KEYS[2], 'n'), now, 'cancelled')
end
put_off(KEYS[1], KEYS[2], KEYS[3], KEYS[4], due)
return due
