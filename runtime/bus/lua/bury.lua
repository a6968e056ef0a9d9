-- Makes a dead letter of a delivery: its whole record is kept, under the letter's name.
-- KEYS stream, d, dl, dz, n, unconfirmed, origin dead letter
-- ARGV group, consumer, entry, is_retry, letter, has_origin, then (field, value)* of the letter
-- Returns the time of death in ms, or 0 when stale. Asked again: the same time.
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then
  if redis.call('HGET', KEYS[3], 'by') ~= mine then return 0 end
  return tonumber(redis.call('HGET', KEYS[3], 'dead_ms'))
end
allow_when_full(KEYS[1])
local now, key = now_ms(), key_of(KEYS[2], ARGV[4])
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[3]) end
redis.call('HSET', KEYS[3], 'state', 'dead', 'dead_ms', now, 'outcome', '', 'by', mine)
redis.call('HDEL', KEYS[3], 'settled_ms', 'operator', 'holder', 'suspect', 'postponed')
for at = 7, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1]) end
local new = redis.call('ZADD', KEYS[4], now, ARGV[5])
redis.call('ZADD', KEYS[6], now, ARGV[1] .. '|' .. ARGV[5] .. '|died')
settle(KEYS[1], KEYS[5], ARGV[1], ARGV[3], ARGV[4], new == 1 and 'dead' or 'done') -- a copy of the event died before
if ARGV[6] == '1' then tell_origin(KEYS[7], 'dead') end
pass_on(KEYS[1], KEYS[5], ARGV[1], KEYS[2], key) -- last: where the letter can't be written, the key is not unblocked
return now
