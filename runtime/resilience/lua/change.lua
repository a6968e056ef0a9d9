-- An operator opens a breaker for its cool-down, closes it, or holds it open until somebody closes it.
-- KEYS h, b, w, q, log   ARGV how ('open', 'close', 'hold'), operator, why, cooldown_ms
-- Returns {now, ms, since when it was open, ms, or 0, failed probes, why, node, JSON, ... of what is to ask again, when it
-- was closed}.
local h, b, w, q, log, now = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], now_ms()
local s = read(h)
local told = {int(now), int(s.since), redis.call('HGET', h, 'probes') or '0', redis.call('HGET', h, 'why') or ''}
if ARGV[1] == 'close' then
  if not s.open_until then return told end
  close(h, b, log, s, now, ARGV[3], ARGV[2])
  for _, one in ipairs(next_waiting(w, q, now, FIRST_WAVE)) do told[#told + 1] = one end
  return told
end
open(h, b, log, s, now, tonumber(ARGV[4]), ARGV[3], ARGV[2], ARGV[1] == 'hold' and 'held' or 'open')
if s.since > 0 then redis.call('HSET', h, 'since', int(s.since)) end
if ARGV[1] == 'hold' then redis.call('HSET', h, 'held', '1') end
return told
