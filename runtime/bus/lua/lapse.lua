-- Ends a delivery that is neither done nor dead: its event has expired, and no attempt begins; or its group is ephemeral, and
-- has given it up. How an attempt went whose end nobody has written down is noted.
-- KEYS stream, d, done, n   ARGV group, consumer, entry, is_retry, foreign, mark_ms, expired or discarded
-- Returns {1, attempts before, json of the last or ''}, {0} when it is another's, or done. Asked again: {1, 0, ''}.
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then
  if redis.call('GET', KEYS[3]) == mine .. '|' .. ARGV[7] then return {1, 0, ''} end
  return {0}
end
-- A copy of the event was done: `begin` finds that out.
if redis.call('EXISTS', KEYS[3]) == 1 then return {0} end
allow_when_full(KEYS[1])
book(KEYS[4], ARGV[1], ARGV[3], ARGV[5])
local known = redis.call('HMGET', KEYS[2], 'round', 'n')
local attempts, last = tonumber(known[2] or '0'), ''
if attempts > 0 then last = conclude(KEYS[2], known[1], attempts, now_ms(), 'lost') end
settle(KEYS[1], KEYS[4], ARGV[1], ARGV[3], ARGV[4], ARGV[7])
pass_on(KEYS[1], KEYS[4], ARGV[1], KEYS[2], key_of(KEYS[2], ARGV[4]))
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], mine .. '|' .. ARGV[7], 'PX', ARGV[6])
return {1, attempts, last}
