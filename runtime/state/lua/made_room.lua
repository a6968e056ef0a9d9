-- Takes back permits whose attempts have ended, and wakes whoever may begin what their limits have kept waiting.
-- KEYS leases, wake, lanes   ARGV prefix of the app's keys, number of limits, name of a limit*, agent that they bound*
local now, first = now_ms(), 3 + tonumber(ARGV[2])
allow_when_full(KEYS[1])
for at = 3, first - 1 do room(ARGV[1], KEYS[1], ARGV[at], {0, '', ''}, now, true) end
for at = first, #ARGV do
  if redis.call('SISMEMBER', KEYS[3], ARGV[at]) == 1 or redis.call('SISMEMBER', KEYS[3], ARGV[at] .. '\n') == 1 then
    wake(KEYS[2])
    wake(KEYS[3] .. ':wake:' .. ARGV[at])
  end
end
