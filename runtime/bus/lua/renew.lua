-- Resets the idle time of entries that this consumer still works on, without counting a delivery.
-- KEYS stream, live   ARGV group, consumer, entry*
-- Returns the entries that are not its own any more.
allow_when_full(KEYS[2])
local lost = {}
redis.call('ZADD', KEYS[2], now_ms(), ARGV[2])
for at = 3, #ARGV do
  if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[at]) then
    lost[#lost + 1] = ARGV[at]
  elseif is_there(KEYS[1], ARGV[at]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'JUSTID')
  end
end
return lost
