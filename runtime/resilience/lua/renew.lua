-- Keeps the permit of a probe that goes on.
-- KEYS h   ARGV permit, lease, ms
-- Returns whether it is still its holder's.
local s, now = read(KEYS[1]), now_ms()
if s.permit ~= ARGV[1] or s.permit_until <= now then return 0 end
redis.call('HSET', KEYS[1], 'permit_until', int(now + tonumber(ARGV[2])))
return 1
