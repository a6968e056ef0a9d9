-- Resets the idle time of entries that this consumer still works on, without counting a delivery.
-- KEYS stream, live   ARGV group, consumer, entry*
-- Returns how many are still its own.
local kept = 0
redis.call('ZADD', KEYS[2], now_ms(), ARGV[2])
for at = 3, #ARGV do
  if owns(KEYS[1], ARGV[1], ARGV[2], ARGV[at]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'JUSTID')
    kept = kept + 1
  end
end
return kept
